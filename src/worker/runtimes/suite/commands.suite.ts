/** What runs inside an instance, and beside it. */
import { describe, expect, test } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import { POLITE, STUBBORN, type TestBed } from "./test-bed.suite.ts";

/** For runtimes that really run commands. */
export function commandTests(bed: TestBed): void {
  describe("what runs inside", () => {
    test("ends with its own exit code when it heeds the request to stop", async () => {
      const { ref } = await bed.ready(POLITE);
      expect(await bed.runtime.stop(ref, 10_000)).toMatchObject({ exitCode: 7 });
    });

    test("is killed after the timeout when it does not", async () => {
      const { ref } = await bed.ready(STUBBORN);
      const before = performance.now();
      expect(await bed.runtime.stop(ref, 1000)).toMatchObject({ exitCode: 137, oomKilled: false });
      expect(performance.now() - before).toBeGreaterThanOrEqual(950);
      expect(performance.now() - before).toBeLessThan(8000);
    });

    test("has the environment of its spec, secrets included, and knows who it is", async () => {
      const request = requestOf({
        ...bed.document("env"),
        env: { COLOUR: "blue", EMPTY: "", ODD: "a=b 'c' $d", TOKEN: { value: "s3cret", secret: true } },
      });
      const ref = { ...request.ref, attempt: 4 };
      await bed.ended({ ...request, ref });
      const { stdout } = await bed.output(ref);
      const lines = stdout.split("\n");
      expect(lines).toEqual(
        expect.arrayContaining([
          "COLOUR=blue",
          "EMPTY=",
          "ODD=a=b 'c' $d",
          "TOKEN=s3cret",
          `BIRDMAN_TASK_ID=${request.ref.task}`,
          `BIRDMAN_TASK_NAME=${request.taskName}`,
          "BIRDMAN_ATTEMPT=4",
          "BIRDMAN_NODE=node-of-the-test",
        ]),
      );
      const [instance] = await bed.runtime.list();
      expect(JSON.stringify(instance?.label)).not.toContain("s3cret");
    });

    test("runs in the working directory that was asked for", async () => {
      const { ref } = await bed.ended(requestOf({ ...bed.document("pwd"), workingDir: "/usr" }));
      expect(await bed.output(ref)).toMatchObject({ stdout: "/usr\n" });
    });

    test("cannot start when the program does not exist, and nothing is left", async () => {
      const { entrypoint: _entrypoint, ...rest } = bed.document("");
      const request = requestOf({ ...rest, command: ["/no/such/program", "--flag"] });
      await expect(start(bed.runtime, request)).rejects.toMatchObject({
        name: "StartError",
        code: "command",
        message: expect.stringContaining("/no/such/program"),
      });
      expect(await bed.runtime.list()).toEqual([]);
    });
  });

  describe("commands run beside it", () => {
    test("give their exit code and what they print", async () => {
      const { ref } = await bed.ready(POLITE);
      expect(await bed.runtime.exec(ref, ["sh", "-c", "echo out; echo err >&2; exit 3"], 10_000)).toEqual({
        exitCode: 3,
        output: expect.stringMatching(/^(out\nerr\n|err\nout\n)$/),
      });
    });

    test("have the environment of the task", async () => {
      const { ref } = await bed.ready(POLITE);
      const { output: printed } = await bed.runtime.exec(ref, ["sh", "-c", 'echo "$BIRDMAN_TASK_ID"'], 10_000);
      expect(printed.trim()).toBe(ref.task);
    });

    test("are killed after their timeout, with exit code 124", async () => {
      const { ref } = await bed.ready(POLITE);
      const before = performance.now();
      expect(await bed.runtime.exec(ref, ["sh", "-c", "sleep 611; true"], 300)).toMatchObject({ exitCode: 124 });
      expect(performance.now() - before).toBeLessThan(5000);
      const { output: commandLines } = await bed.runtime.exec(ref, ["sh", "-c", "cat /proc/[0-9]*/cmdline"], 10_000);
      expect(commandLines).not.toContain("sleep\u0000611");
    });

    test("fail with 126 or 127 when there is no such program", async () => {
      const { ref } = await bed.ready(POLITE);
      const { exitCode } = await bed.runtime.exec(ref, ["/no/such/program"], 10_000);
      expect([126, 127]).toContain(exitCode);
    });

    test("of which much is printed do not fill the memory", async () => {
      const { ref } = await bed.ready(POLITE);
      const { exitCode, output: printed } = await bed.runtime.exec(ref, ["sh", "-c", "yes | head -c 5000000"], 20_000);
      expect(exitCode).toBe(0);
      expect(printed.length).toBeLessThan(1_000_000);
    });
  });
}
