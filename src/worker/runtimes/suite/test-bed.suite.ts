/** What the parts of the suite share: the runtime of the current test, and whatever a test does again and again. */
import { expect, vi } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import type { LogOptions } from "../../../protocol/messages.ts";
import type { SpecDocument } from "../../../task/document.ts";
import type { InstanceRef, Runtime, StartRequest } from "../runtime.ts";

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
    /** A command that is run inside it can have a terminal. */
    readonly terminals: boolean;
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
export const POLITE = "trap 'exit 7' TERM; echo ready; sleep 1000 & wait";
/** Does not end when asked to. */
export const STUBBORN = "trap '' TERM; echo ready; while true; do sleep 1; done";

export const WAIT = { timeout: 15_000, interval: 10 };
export const ALL: LogOptions = { follow: false, timestamps: false, stdout: true, stderr: true };

export class TestBed {
  readonly document: RuntimeUnderTest["document"];
  readonly supports: RuntimeUnderTest["supports"];
  readonly #create: RuntimeUnderTest["create"];
  readonly #workers = new Set<string>();
  #opened: Runtime[] = [];
  #current: { readonly workerId: string; readonly runtime: Runtime } | undefined;

  constructor({ create, document, supports }: RuntimeUnderTest) {
    this.#create = create;
    this.document = document;
    this.supports = supports;
  }

  /** Of the current test. */
  get runtime(): Runtime {
    return this.#test.runtime;
  }

  get workerId(): string {
    return this.#test.workerId;
  }

  get #test(): { readonly workerId: string; readonly runtime: Runtime } {
    if (this.#current === undefined) throw new Error("no test has begun");
    return this.#current;
  }

  async begin(workerId: string): Promise<void> {
    this.#current = { workerId, runtime: await this.open(workerId) };
  }

  /** Closes what was opened and removes every instance of its workers. */
  async end(): Promise<void> {
    for (const each of this.#opened) await each.close();
    this.#opened = [];
    for (const worker of this.#workers) {
      const cleaner = await this.#create(worker);
      await Promise.all((await cleaner.list()).map(({ ref }) => cleaner.remove(ref)));
      await cleaner.close();
    }
    this.#workers.clear();
  }

  /** Another runtime, of this worker or of another. */
  async open(worker: string): Promise<Runtime> {
    const made = await this.#create(worker);
    this.#opened.push(made);
    this.#workers.add(worker);
    return made;
  }

  /** Starts the script and waits until it has said `ready`, so that its traps are set. */
  async ready(script: string): Promise<StartRequest> {
    const request = requestOf(this.document(script));
    await start(this.runtime, request);
    if (this.supports.commands) {
      await vi.waitFor(async () => expect((await this.output(request.ref)).stdout).toContain("ready"), WAIT);
    }
    return request;
  }

  /** Runs a script, or a request, to its end. */
  async ended(work: string | StartRequest): Promise<StartRequest> {
    const request = typeof work === "string" ? requestOf(this.document(work)) : work;
    await start(this.runtime, request);
    await vi.waitFor(async () => {
      const instance = (await this.runtime.list()).find(({ ref }) => ref.task === request.ref.task);
      expect(instance).toMatchObject({ running: false, exit: expect.anything() });
    }, WAIT);
    return request;
  }

  /** What the instance has printed. */
  async output(ref: InstanceRef, options: Partial<LogOptions> = {}): Promise<{ stdout: string; stderr: string }> {
    const parts: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
    for await (const chunk of this.runtime.logs(ref, { ...ALL, ...options }, AbortSignal.timeout(20_000))) {
      parts[chunk.stream].push(Buffer.from(chunk.data));
    }
    return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
  }
}
