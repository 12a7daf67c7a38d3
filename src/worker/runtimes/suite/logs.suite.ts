/** What instances print. */
import { describe, expect, test } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import { ALL, POLITE, type TestBed } from "./test-bed.suite.ts";

/** For runtimes that really run commands. */
export function logTests(bed: TestBed): void {
  describe("logs", () => {
    test("keep the two streams apart", async () => {
      const { ref } = await bed.ended("echo one; echo two >&2; echo three");
      expect(await bed.output(ref)).toEqual({ stdout: "one\nthree\n", stderr: "two\n" });
      expect(await bed.output(ref, { stderr: false })).toEqual({ stdout: "one\nthree\n", stderr: "" });
      expect(await bed.output(ref, { stdout: false })).toEqual({ stdout: "", stderr: "two\n" });
    });

    test("begin with the last lines where asked to", async () => {
      const { ref } = await bed.ended("for i in 1 2 3 4 5; do echo $i; done");
      expect(await bed.output(ref, { tail: 2 })).toMatchObject({ stdout: "4\n5\n" });
      expect(await bed.output(ref, { tail: 0 })).toMatchObject({ stdout: "" });
    });

    test("keep every character, and a last line that does not end", async () => {
      const { ref } = await bed.ended("printf 'Grüße \\t\\033[1m 你好 no newline'");
      expect(await bed.output(ref)).toMatchObject({ stdout: "Grüße \t\u001b[1m 你好 no newline" });
    });

    test("without follow end while it still runs", async () => {
      const { ref } = await bed.ready(POLITE);
      expect(await bed.output(ref)).toMatchObject({ stdout: "ready\n" });
    });

    test("with follow end when it ends, and all is read", async () => {
      const request = requestOf(bed.document("echo early; sleep 0.5; echo late"));
      await start(bed.runtime, request);
      expect(await bed.output(request.ref, { follow: true })).toMatchObject({ stdout: "early\nlate\n" });
    });

    test("with follow end when the reader calls it off", async () => {
      const { ref } = await bed.ready(POLITE);
      const controller = new AbortController();
      const seen: string[] = [];
      for await (const chunk of bed.runtime.logs(ref, { ...ALL, follow: true }, controller.signal)) {
        seen.push(Buffer.from(chunk.data).toString());
        controller.abort();
      }
      expect(seen.join("")).toBe("ready\n");
    });

    test("can be given up in the middle of a flood", async () => {
      const request = requestOf(bed.document("yes"));
      await start(bed.runtime, request);
      let bytes = 0;
      for await (const chunk of bed.runtime.logs(request.ref, { ...ALL, follow: true }, new AbortController().signal)) {
        bytes += chunk.data.length;
        if (bytes > 100_000) break;
      }
      expect(bytes).toBeLessThan(10_000_000);
      await bed.runtime.remove(request.ref);
    });

    if (bed.supports.logTimes) {
      test("carry the time of each line where asked to", async () => {
        const { ref } = await bed.ended("echo one; echo two");
        const { stdout } = await bed.output(ref, { timestamps: true });
        expect(stdout).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* (one|two)\n){2}$/);
      });

      test("leave out what was written before `since`", async () => {
        const { ref } = await bed.ended("echo one; sleep 2.1; echo two");
        const { stdout } = await bed.output(ref, { timestamps: true });
        const second = Date.parse(stdout.split("\n")[1]?.split(" ")[0] ?? "");
        expect(await bed.output(ref, { since: second - 1000 })).toMatchObject({ stdout: "two\n" });
      });
    }
  });
}
