/** Commands that are run inside an instance for somebody who is there. */
import { describe, expect, test, vi } from "vitest";
import type { ExecRequest, Execution, InstanceRef } from "../runtime.ts";
import { POLITE, type TestBed, WAIT } from "./test-bed.suite.ts";

/** `terminals`: whether a command can have one. */
export function attachTests(bed: TestBed, { terminals }: { readonly terminals: boolean }): void {
  const attach = (ref: InstanceRef, request: ExecRequest): Promise<Execution> =>
    bed.runtime.attach(ref, request, AbortSignal.timeout(60_000));

  /** All that is written until the end. */
  async function read(execution: Execution): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    const text = { stdout: "", stderr: "" };
    for await (const { stream, data } of execution.output) text[stream] += Buffer.from(data).toString();
    return { ...text, exitCode: await execution.exitCode() };
  }

  const shell = (script: string): string[] => ["sh", "-c", script];

  describe("commands run inside it for somebody", () => {
    test("write to two streams, and end with an exit code", async () => {
      const { ref } = await bed.ready(POLITE);
      const execution = await attach(ref, { command: shell("echo out; echo err >&2; exit 3") });
      expect(await read(execution)).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 3 });
    });

    test("read what they are given, to its end", async () => {
      const { ref } = await bed.ready(POLITE);
      const execution = await attach(ref, { command: shell("wc -c; echo done"), stdin: true });
      const reading = read(execution);
      const megabyte = Buffer.alloc(2 ** 20, "x");
      for (let count = 0; count < 4; count += 1) execution.input.write(megabyte);
      execution.input.end();
      expect((await reading).stdout.split("\n").map((line) => line.trim())).toEqual([String(4 * 2 ** 20), "done", ""]);
    });

    test("find an end where there is no input", async () => {
      const { ref } = await bed.ready(POLITE);
      expect(await read(await attach(ref, { command: shell("cat; echo over") }))).toMatchObject({ stdout: "over\n" });
    });

    test("have the environment and the directory that they are given", async () => {
      const { ref } = await bed.ready(POLITE);
      const command = shell('echo "$COLOUR $BIRDMAN_TASK_ID"; pwd');
      const execution = await attach(ref, { command, env: { COLOUR: "blue" }, workingDir: "/proc" });
      expect((await read(execution)).stdout).toBe(`blue ${ref.task}\n/proc\n`);
    });

    test("get signals", async () => {
      const { ref } = await bed.ready(POLITE);
      const script = "trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.05; done";
      const execution = await attach(ref, { command: shell(script) });
      let text = "";
      for await (const { data } of execution.output) {
        text += Buffer.from(data).toString();
        if (text === "ready\n") await execution.signal("SIGTERM");
      }
      expect(text).toContain("caught\n");
      expect(await execution.exitCode()).toBe(5);
    });

    test("wait with what they write until it is read", async () => {
      const { ref } = await bed.ready(POLITE);
      const execution = await attach(ref, { command: shell("yes | head -c 30000000") });
      let bytes = 0;
      for await (const { data } of execution.output) bytes += data.length;
      expect(bytes).toBe(30_000_000);
      expect(await execution.exitCode()).toBe(0);
    });

    test("are killed when nobody is there any more", async () => {
      const { ref } = await bed.ready(POLITE);
      const gone = new AbortController();
      await bed.runtime.attach(ref, { command: shell("sleep 612; true") }, gone.signal);
      gone.abort();
      await vi.waitFor(async () => {
        const { output: commandLines } = await bed.runtime.exec(ref, shell("cat /proc/[0-9]*/cmdline"), 10_000);
        expect(commandLines).not.toContain("sleep\u0000612");
      }, WAIT);
    });

    test("cannot be run where there is no such program", async () => {
      const { ref } = await bed.ready(POLITE);
      // An engine may find out before it begins, or as the command's end.
      const outcome = await attach(ref, { command: ["/no/such/program"] }).then(read, (error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: "ExecError" });
      else expect([126, 127]).toContain((outcome as { exitCode: number }).exitCode);
    });

    if (terminals) {
      test("have a terminal of the size that was said, and said anew", async () => {
        const { ref } = await bed.ready(POLITE);
        const script = 'read line; stty size; test -t 0 && test -t 1 && echo "terminal: $line"; read again; stty size';
        const terminal = { columns: 91, rows: 33 };
        const execution = await attach(ref, { command: shell(script), stdin: true, terminal });
        const reading = read(execution);
        execution.input.write("hello\n");
        await execution.resize({ columns: 101, rows: 44 });
        execution.input.write("again\n");
        const { stdout, stderr, exitCode } = await reading;
        expect(stdout).toMatch(/(33 91|44 101)\r\nterminal: hello\r\n(again\r\n)?44 101\r\n$/);
        expect([stderr, exitCode]).toEqual(["", 0]);
      });
    } else {
      test("have no terminal, and it is said so", async () => {
        const { ref } = await bed.ready(POLITE);
        const asked = attach(ref, { command: ["sh"], terminal: { columns: 80, rows: 24 } });
        await expect(asked).rejects.toMatchObject({ name: "ExecError", message: expect.stringContaining("terminal") });
      });
    }
  });
}
