/**
 * The contract of `Runtime`, as tests: every runtime runs this one suite. What a runtime cannot do by its nature is said
 * in `supports`, and the tests of it are left out; all the rest holds for all of them.
 *
 * A test file calls `describeRuntime` once. Each test gets a worker id of its own, so tests do not see each other's
 * instances, and whatever a test leaves is removed after it.
 */
import { randomUUID } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogOptions } from "../../protocol/messages.ts";
import type { SpecDocument } from "../../task/document.ts";
import { parseTaskId, type TaskId } from "../../task/id.ts";
import { publicDocument, resolveSpec } from "../../task/spec.ts";
import type { PortBinding } from "../../task/task.ts";
import {
  instanceName,
  type InstanceRef,
  type Runtime,
  type RuntimeNotice,
  type Started,
  type StartRequest,
} from "./runtime.ts";

export interface RuntimeUnderTest {
  /** Heads the tests: `docker`, `podman`, `process`, `hollow`. */
  readonly name: string;
  /** A new runtime object of this worker. Called twice with one id where a restarted worker is tested. The suite closes it. */
  readonly create: (workerId: string) => Promise<Runtime>;
  /** A document of the least that this runtime needs to run `script` with a POSIX shell (`sh -c`). */
  readonly document: (script: string) => SpecDocument;
  readonly supports: {
    /** The script is really run: it prints, reads its environment, ends by itself, and `exec` runs beside it. */
    readonly commands: boolean;
    /** Instances outlive the runtime object: a new one of the same worker lists and governs them. */
    readonly adoption: boolean;
    /** Publishes ports of an instance that has a network of its own. `listen` is a script that answers `hello` on a port. */
    readonly ports: false | { readonly listen: (port: number) => string };
    /** Logs know when a line was written: `since` and `timestamps`. */
    readonly logTimes: boolean;
    /** Measures what instances use. */
    readonly use: boolean;
  };
}

/** Ends with 7 when asked to. */
const POLITE = "trap 'exit 7' TERM; echo ready; sleep 1000 & wait";
/** Does not end when asked to. */
const STUBBORN = "trap '' TERM; echo ready; while true; do sleep 1; done";

const WAIT = { timeout: 15_000, interval: 10 };
const ALL: LogOptions = { follow: false, timestamps: false, stdout: true, stderr: true };

export function describeRuntime({ name, create, document, supports }: RuntimeUnderTest): void {
  describe(`the ${name} runtime`, () => {
    let workerId = "";
    let opened: Runtime[] = [];
    let workers = new Set<string>();
    let runtime: Runtime;

    async function open(worker: string): Promise<Runtime> {
      const made = await create(worker);
      opened.push(made);
      workers.add(worker);
      return made;
    }

    beforeEach(async () => {
      workerId = randomUUID();
      opened = [];
      workers = new Set();
      runtime = await open(workerId);
    });

    afterEach(async () => {
      for (const each of opened) await each.close();
      for (const worker of workers) {
        const cleaner = await create(worker);
        await Promise.all((await cleaner.list()).map(({ ref }) => cleaner.remove(ref)));
        await cleaner.close();
      }
    });

    describe("bringing up and down", () => {
      test("check resolves to the version of what runs the tasks", async () => {
        expect(await runtime.check()).toMatch(/\S/);
      });

      test("nothing is there at first", async () => {
        expect(await runtime.list()).toEqual([]);
      });

      test("a started instance is listed as running, with its label", async () => {
        const before = Date.now();
        const request = requestOf(document(POLITE));
        const started = await start(runtime, request);
        expect(started.containerId).not.toBe("");
        expect(started.startedAt).toBeGreaterThanOrEqual(before - 1000);
        expect(started.startedAt).toBeLessThanOrEqual(Date.now() + 1000);
        expect(await runtime.list()).toEqual([
          {
            ref: request.ref,
            containerId: started.containerId,
            ports: [],
            label: request.label,
            startedAt: expect.any(Number),
            exit: undefined,
            running: true,
            paused: false,
          },
        ]);
      });

      test("starting one that runs finds it there", async () => {
        const request = requestOf(document(POLITE));
        const first = await start(runtime, request);
        const second = await start(runtime, request);
        expect(second.containerId).toBe(first.containerId);
        expect(await runtime.list()).toHaveLength(1);
      });

      test("starting one twice at the same time makes one", async () => {
        const request = requestOf(document(POLITE));
        const [first, second] = await Promise.all([start(runtime, request), start(runtime, request)]);
        expect(second.containerId).toBe(first.containerId);
        expect(await runtime.list()).toHaveLength(1);
      });

      test("attempts and restarts of a task are instances of their own", async () => {
        const first = requestOf(document(POLITE));
        const refs = [first.ref, { ...first.ref, restart: 1 }, { ...first.ref, attempt: 2 }];
        const started = await Promise.all(refs.map((ref) => start(runtime, { ...first, ref })));
        expect(new Set(started.map((each) => each.containerId)).size).toBe(3);
        expect((await runtime.list()).map((each) => each.ref)).toEqual(expect.arrayContaining(refs));
      });

      test("twenty start at once", async () => {
        const requests = Array.from({ length: 20 }, () => requestOf(document(POLITE)));
        await Promise.all(requests.map((request) => start(runtime, request)));
        const running = (await runtime.list()).filter((instance) => instance.running);
        expect(running.map(({ ref }) => ref.task).toSorted()).toEqual(requests.map(({ ref }) => ref.task).toSorted());
        await Promise.all(requests.map(({ ref }) => runtime.remove(ref)));
        expect(await runtime.list()).toEqual([]);
      });

      test("a stopped instance stays, with how it ended, until it is removed", async () => {
        const { ref } = await ready(POLITE);
        const before = Date.now();
        const exit = await runtime.stop(ref, 10_000);
        expect(Date.now() - before).toBeLessThan(9000);
        expect(exit).toMatchObject({ exitCode: expect.any(Number), oomKilled: false });
        expect(Math.abs((exit?.finishedAt ?? 0) - Date.now())).toBeLessThan(10_000);
        const [instance, ...others] = await runtime.list();
        expect(others).toEqual([]);
        expect(instance).toMatchObject({ ref, running: false, exit: { exitCode: exit?.exitCode } });
        await runtime.remove(ref);
        expect(await runtime.list()).toEqual([]);
      });

      test("stopping one that has ended says again how it ended", async () => {
        const { ref } = await ready(POLITE);
        const exit = await runtime.stop(ref, 10_000);
        expect(await runtime.stop(ref, 10_000)).toEqual(exit);
      });

      test("stopping or removing what is not there is no error", async () => {
        const { ref } = requestOf(document(POLITE));
        expect(await runtime.stop(ref, 1000)).toBeUndefined();
        await runtime.remove(ref);
        await runtime.remove(ref);
      });

      test("a running instance can be removed without being stopped first", async () => {
        const { ref } = await ready(STUBBORN);
        await runtime.remove(ref);
        expect(await runtime.list()).toEqual([]);
      });

      test("a start that is called off leaves nothing", async () => {
        const request = requestOf(document(POLITE));
        await expect(runtime.start(request, () => undefined, AbortSignal.abort())).rejects.toMatchObject({
          name: "StartError",
        });
        expect(await runtime.list()).toEqual([]);
      });
    });

    describe("whose instances they are", () => {
      test("another worker neither sees nor stops nor removes them", async () => {
        const { ref } = await ready(POLITE);
        const other = await open(randomUUID());
        expect(await other.list()).toEqual([]);
        expect(await other.stop(ref, 1000)).toBeUndefined();
        await other.remove(ref);
        expect(await runtime.list()).toMatchObject([{ ref, running: true }]);
      });

      if (supports.adoption) {
        test("they run on when the runtime is closed, and a new one of the same worker adopts them", async () => {
          const request = requestOf(document(POLITE));
          const started = await start(runtime, request);
          await runtime.close();
          const next = await open(workerId);
          expect(await next.list()).toMatchObject([
            { ref: request.ref, containerId: started.containerId, label: request.label, running: true },
          ]);
          expect((await start(next, request)).containerId).toBe(started.containerId);
          expect(await next.stop(request.ref, 10_000)).toMatchObject({ exitCode: expect.any(Number) });
        });

        if (supports.commands) {
          test("one that ended while nobody watched is listed with its exit code", async () => {
            const request = requestOf(document("sleep 0.2; exit 5"));
            await start(runtime, request);
            await runtime.close();
            const next = await open(workerId);
            await vi.waitFor(async () => {
              expect(await next.list()).toMatchObject([{ ref: request.ref, running: false, exit: { exitCode: 5 } }]);
            }, WAIT);
          });
        }
      }
    });

    describe("notices", () => {
      test("removing is noticed", async () => {
        const notices = await watch(runtime);
        const { ref } = await ready(POLITE);
        await runtime.remove(ref);
        await vi.waitFor(() => expect(notices).toContainEqual({ kind: "removed", ref }), WAIT);
      });

      test("stopping is noticed", async () => {
        const notices = await watch(runtime);
        const { ref } = await ready(POLITE);
        const exit = await runtime.stop(ref, 10_000);
        await vi.waitFor(() => {
          expect(notices).toContainEqual(
            expect.objectContaining({
              kind: "exited",
              ref,
              exit: expect.objectContaining({ exitCode: exit?.exitCode }),
            }),
          );
        }, WAIT);
      });

      test("another worker's are not noticed", async () => {
        const other = await open(randomUUID());
        const foreign = await watch(other);
        const own = await watch(runtime);
        const { ref } = await ready(POLITE);
        await runtime.remove(ref);
        await vi.waitFor(() => expect(own).toContainEqual({ kind: "removed", ref }), WAIT);
        expect(foreign).toEqual([]);
      });

      test("none comes after close", async () => {
        const notices = await watch(runtime);
        const { ref } = await ready(POLITE);
        await runtime.close();
        const count = notices.length;
        const next = await open(workerId);
        const later = await watch(next);
        const another = requestOf(document(POLITE));
        await start(next, another);
        await next.remove(ref);
        await next.remove(another.ref);
        await vi.waitFor(() => expect(later).toContainEqual({ kind: "removed", ref: another.ref }), WAIT);
        expect(notices).toHaveLength(count);
      });

      if (supports.commands) {
        test.each([0, 3])("an end with exit code %i is noticed", async (exitCode) => {
          const notices = await watch(runtime);
          const request = requestOf(document(`exit ${String(exitCode)}`));
          await start(runtime, request);
          await vi.waitFor(() => {
            expect(notices).toContainEqual({
              kind: "exited",
              ref: request.ref,
              exit: { exitCode, oomKilled: false, finishedAt: expect.any(Number) },
            });
          }, WAIT);
        });

        test("of a start that fails there are none: its rejection says it all", async () => {
          const notices = await watch(runtime);
          const { entrypoint: _entrypoint, ...rest } = document("");
          const failing = requestOf({ ...rest, command: ["/no/such/program"] });
          await expect(start(runtime, failing)).rejects.toMatchObject({ name: "StartError" });
          const { ref } = await ready(POLITE);
          await runtime.remove(ref);
          await vi.waitFor(() => expect(notices).toContainEqual({ kind: "removed", ref }), WAIT);
          expect(notices.filter((notice) => "ref" in notice && notice.ref.task !== ref.task)).toEqual([]);
        });

        test("of an end come after the start has been answered", async () => {
          const order: string[] = [];
          await runtime.watch(({ kind }) => order.push(kind));
          const request = requestOf(document("exit 0"));
          await start(runtime, request).then(() => order.push("started"));
          await vi.waitFor(() => expect(order).toContain("exited"), WAIT);
          expect(order.slice(0, 2)).toEqual(["started", "exited"]);
        });
      }
    });

    if (supports.commands) {
      describe("what runs inside", () => {
        test("ends with its own exit code when it heeds the request to stop", async () => {
          const { ref } = await ready(POLITE);
          expect(await runtime.stop(ref, 10_000)).toMatchObject({ exitCode: 7 });
        });

        test("is killed after the timeout when it does not", async () => {
          const { ref } = await ready(STUBBORN);
          const before = performance.now();
          expect(await runtime.stop(ref, 1000)).toMatchObject({ exitCode: 137, oomKilled: false });
          expect(performance.now() - before).toBeGreaterThanOrEqual(950);
          expect(performance.now() - before).toBeLessThan(8000);
        });

        test("has the environment of its spec, secrets included, and knows who it is", async () => {
          const request = requestOf({
            ...document("env"),
            env: { COLOUR: "blue", EMPTY: "", ODD: "a=b 'c' $d", TOKEN: { value: "s3cret", secret: true } },
          });
          const ref = { ...request.ref, attempt: 4 };
          await ended({ ...request, ref });
          const { stdout } = await output(ref);
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
          const [instance] = await runtime.list();
          expect(JSON.stringify(instance?.label)).not.toContain("s3cret");
        });

        test("runs in the working directory that was asked for", async () => {
          const { ref } = await ended(requestOf({ ...document("pwd"), workingDir: "/usr" }));
          expect(await output(ref)).toMatchObject({ stdout: "/usr\n" });
        });

        test("cannot start when the program does not exist, and nothing is left", async () => {
          const { entrypoint: _entrypoint, ...rest } = document("");
          const request = requestOf({ ...rest, command: ["/no/such/program", "--flag"] });
          await expect(start(runtime, request)).rejects.toMatchObject({
            name: "StartError",
            code: "command",
            message: expect.stringContaining("/no/such/program"),
          });
          expect(await runtime.list()).toEqual([]);
        });
      });

      describe("commands run beside it", () => {
        test("give their exit code and what they print", async () => {
          const { ref } = await ready(POLITE);
          expect(await runtime.exec(ref, ["sh", "-c", "echo out; echo err >&2; exit 3"], 10_000)).toEqual({
            exitCode: 3,
            output: expect.stringMatching(/^(out\nerr\n|err\nout\n)$/),
          });
        });

        test("have the environment of the task", async () => {
          const { ref } = await ready(POLITE);
          const { output: printed } = await runtime.exec(ref, ["sh", "-c", 'echo "$BIRDMAN_TASK_ID"'], 10_000);
          expect(printed.trim()).toBe(ref.task);
        });

        test("are killed after their timeout, with exit code 124", async () => {
          const { ref } = await ready(POLITE);
          const before = performance.now();
          expect(await runtime.exec(ref, ["sh", "-c", "sleep 611; true"], 300)).toMatchObject({ exitCode: 124 });
          expect(performance.now() - before).toBeLessThan(5000);
          const { output: commandLines } = await runtime.exec(ref, ["sh", "-c", "cat /proc/[0-9]*/cmdline"], 10_000);
          expect(commandLines).not.toContain("sleep\u0000611");
        });

        test("fail with 126 or 127 when there is no such program", async () => {
          const { ref } = await ready(POLITE);
          const { exitCode } = await runtime.exec(ref, ["/no/such/program"], 10_000);
          expect([126, 127]).toContain(exitCode);
        });

        test("of which much is printed do not fill the memory", async () => {
          const { ref } = await ready(POLITE);
          const { exitCode, output: printed } = await runtime.exec(ref, ["sh", "-c", "yes | head -c 5000000"], 20_000);
          expect(exitCode).toBe(0);
          expect(printed.length).toBeLessThan(1_000_000);
        });
      });

      describe("logs", () => {
        test("keep the two streams apart", async () => {
          const { ref } = await ended("echo one; echo two >&2; echo three");
          expect(await output(ref)).toEqual({ stdout: "one\nthree\n", stderr: "two\n" });
          expect(await output(ref, { stderr: false })).toEqual({ stdout: "one\nthree\n", stderr: "" });
          expect(await output(ref, { stdout: false })).toEqual({ stdout: "", stderr: "two\n" });
        });

        test("begin with the last lines where asked to", async () => {
          const { ref } = await ended("for i in 1 2 3 4 5; do echo $i; done");
          expect(await output(ref, { tail: 2 })).toMatchObject({ stdout: "4\n5\n" });
          expect(await output(ref, { tail: 0 })).toMatchObject({ stdout: "" });
        });

        test("keep every character, and a last line that does not end", async () => {
          const { ref } = await ended("printf 'Grüße \\t\\033[1m 你好 no newline'");
          expect(await output(ref)).toMatchObject({ stdout: "Grüße \t\u001b[1m 你好 no newline" });
        });

        test("without follow end while it still runs", async () => {
          const { ref } = await ready(POLITE);
          expect(await output(ref)).toMatchObject({ stdout: "ready\n" });
        });

        test("with follow end when it ends, and all is read", async () => {
          const request = requestOf(document("echo early; sleep 0.5; echo late"));
          await start(runtime, request);
          expect(await output(request.ref, { follow: true })).toMatchObject({ stdout: "early\nlate\n" });
        });

        test("with follow end when the reader calls it off", async () => {
          const { ref } = await ready(POLITE);
          const controller = new AbortController();
          const seen: string[] = [];
          for await (const chunk of runtime.logs(ref, { ...ALL, follow: true }, controller.signal)) {
            seen.push(Buffer.from(chunk.data).toString());
            controller.abort();
          }
          expect(seen.join("")).toBe("ready\n");
        });

        test("can be given up in the middle of a flood", async () => {
          const request = requestOf(document("yes"));
          await start(runtime, request);
          let bytes = 0;
          for await (const chunk of runtime.logs(request.ref, { ...ALL, follow: true }, new AbortController().signal)) {
            bytes += chunk.data.length;
            if (bytes > 100_000) break;
          }
          expect(bytes).toBeLessThan(10_000_000);
          await runtime.remove(request.ref);
        });

        if (supports.logTimes) {
          test("carry the time of each line where asked to", async () => {
            const { ref } = await ended("echo one; echo two");
            const { stdout } = await output(ref, { timestamps: true });
            expect(stdout).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* (one|two)\n){2}$/);
          });

          test("leave out what was written before `since`", async () => {
            const { ref } = await ended("echo one; sleep 2.1; echo two");
            const { stdout } = await output(ref, { timestamps: true });
            const second = Date.parse(stdout.split("\n")[1]?.split(" ")[0] ?? "");
            expect(await output(ref, { since: second - 1000 })).toMatchObject({ stdout: "two\n" });
          });
        }
      });
    }

    if (supports.use) {
      describe("measured use", () => {
        test("is there for what runs, and for nothing else", async () => {
          const busy = requestOf(document("while true; do :; done"));
          await start(runtime, busy);
          const idle = await ready(POLITE);
          const gone = await ended("exit 0");
          await vi.waitFor(async () => {
            const use = await runtime.use();
            expect([...use.keys()].toSorted()).toEqual([instanceName(busy.ref), instanceName(idle.ref)].toSorted());
            expect(use.get(instanceName(busy.ref))?.cpu).toBeGreaterThan(0.2);
            expect(use.get(instanceName(idle.ref))?.cpu).toBeLessThan(0.2);
            expect(use.get(instanceName(idle.ref))?.memory).toBeGreaterThan(0);
            expect(use.get(instanceName(idle.ref))?.memory).toBeLessThan(64 * 2 ** 20);
            expect(use.has(instanceName(gone.ref))).toBe(false);
          }, WAIT);
        });
      });
    }

    const { ports } = supports;
    if (ports !== false) {
      describe("ports", () => {
        test("are published where they were chosen, reachable, and listed", async () => {
          const host = await freePort();
          const request = requestOf({ ...document(ports.listen(7777)), ports: [{ container: 7777, host }] });
          const binding: PortBinding = { container: 7777, host, protocol: "tcp", address: "127.0.0.1" };
          await start(runtime, { ...request, ports: [binding] });
          expect(await runtime.list()).toMatchObject([{ ref: request.ref, ports: [binding] }]);
          await vi.waitFor(async () => expect(await answerOf("127.0.0.1", host)).toContain("hello"), WAIT);
          const address = await runtime.addressOf(request.ref);
          expect(address).toBeDefined();
          await vi.waitFor(async () => expect(await answerOf(address ?? "", 7777)).toContain("hello"), WAIT);
        });

        test("that are taken fail the start, name the port, and nothing is left", async () => {
          const taken = createServer();
          const host = await listening(taken);
          try {
            const request = requestOf({ ...document(POLITE), ports: [{ container: 80, host }] });
            const binding: PortBinding = { container: 80, host, protocol: "tcp", address: "127.0.0.1" };
            await expect(start(runtime, { ...request, ports: [binding] })).rejects.toMatchObject({
              name: "StartError",
              code: "ports",
              message: expect.stringContaining(String(host)),
            });
            expect(await runtime.list()).toEqual([]);
          } finally {
            taken.close();
          }
        });
      });
    }

    /** Starts the script and waits until it has said `ready`, so that its traps are set. */
    async function ready(script: string): Promise<StartRequest> {
      const request = requestOf(document(script));
      await start(runtime, request);
      if (supports.commands) {
        await vi.waitFor(async () => expect((await output(request.ref)).stdout).toContain("ready"), WAIT);
      }
      return request;
    }

    /** Runs a script, or a request, to its end. */
    async function ended(work: string | StartRequest): Promise<StartRequest> {
      const request = typeof work === "string" ? requestOf(document(work)) : work;
      await start(runtime, request);
      await vi.waitFor(async () => {
        const instance = (await runtime.list()).find(({ ref }) => ref.task === request.ref.task);
        expect(instance).toMatchObject({ running: false, exit: expect.anything() });
      }, WAIT);
      return request;
    }

    /** What the instance has printed. */
    async function output(
      ref: InstanceRef,
      options: Partial<LogOptions> = {},
    ): Promise<{ stdout: string; stderr: string }> {
      const parts: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
      for await (const chunk of runtime.logs(ref, { ...ALL, ...options }, AbortSignal.timeout(20_000))) {
        parts[chunk.stream].push(chunk.data);
      }
      return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
    }
  });
}

/** A request to run the document as the first attempt of a new task. */
export function requestOf(document: SpecDocument): StartRequest {
  const task: TaskId | undefined = parseTaskId(randomUUID());
  if (task === undefined) throw new Error("randomUUID made no UUID");
  return {
    ref: { task, attempt: 1, restart: 0 },
    taskName: `task ${task.slice(0, 8)}`,
    spec: resolveSpec(document),
    ports: [],
    nodeName: "node-of-the-test",
    label: { name: `task ${task.slice(0, 8)}`, local: false, createdAt: Date.now(), spec: publicDocument(document) },
  };
}

/** Starts without an interest in its progress, and within a minute. */
export async function start(runtime: Runtime, request: StartRequest): Promise<Started> {
  return runtime.start(request, () => undefined, AbortSignal.timeout(60_000));
}

/** Everything that the runtime says from now on, in a list that grows. */
export async function watch(runtime: Runtime): Promise<RuntimeNotice[]> {
  const notices: RuntimeNotice[] = [];
  await runtime.watch((notice) => notices.push(notice));
  return notices;
}

/** A TCP port of the loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All that a TCP server says to whoever connects. */
export async function answerOf(host: string, port: number): Promise<string> {
  const socket = connect({ host, port, timeout: 2000 });
  socket.on("timeout", () => socket.destroy(new Error(`no answer from ${host}:${String(port)}`)));
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
