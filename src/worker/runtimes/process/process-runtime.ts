/**
 * Runs tasks as plain processes of the node. An instance is a command in a session of its own, in the custody of a shim
 * (`shim.ts`) that outlives the worker; everything that is known of it is on disk (`instance-files.ts`), so a new worker
 * adopts it by reading. It is adopted only if boot, pid and start time agree: a pid that was handed out again is nobody's.
 *
 * What it does not do: limits of cpu and memory are reserved but not enforced, there are no images and no volumes, and a
 * command sees the node's files and network. Needs Linux (`/proc`).
 */
import { mkdirSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import type { TaskUse } from "../../../node/node.ts";
import type { LogOptions } from "../../../protocol/messages.ts";
import { assert } from "../../../utils/assert.ts";
import {
  instanceName,
  StartError,
  type ExecRequest,
  type Execution,
  type Exit,
  type Instance,
  type InstanceRef,
  type LogChunk,
  type Runtime,
  type RuntimeNotice,
  type Started,
  type StartRequest,
} from "../runtime.ts";
import { attachBeside } from "./attach.ts";
import { execBeside } from "./exec.ts";
import { InstanceFiles, type Launch, writeJson } from "./instance-files.ts";
import { launchError, planLaunch } from "./launch.ts";
import { DEFAULT_LOG_BYTES } from "./output-log.ts";
import { readLog } from "./output-reader.ts";
import { Register, type SettledStanding } from "./register.ts";
import { terminateGroup } from "./session.ts";
import { SHIM_COMMAND, ShimClient } from "./shim-client.ts";
import { UseMeter } from "./use-meter.ts";

const CALLED_OFF = "the start was called off";

export interface ProcessRuntimeOptions {
  readonly workerId: string;
  /** A directory of the worker's own; everything is kept below it, apart from other workers'. */
  readonly directory: string;
  /** Most bytes of one file of a log; the newest and the one before are kept. Default 10 MiB. */
  readonly logBytes?: number;
  /** How to run `shim.ts`, where it is not run from source. */
  readonly shimCommand?: readonly string[];
}

export function createProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  return new ProcessRuntime(options);
}

class ProcessRuntime implements Runtime {
  readonly kind = "process";
  readonly hasEngine = false;
  readonly #files: InstanceFiles;
  readonly #register: Register;
  readonly #shim: ShimClient;
  readonly #meter = new UseMeter();
  readonly #starts = new Map<string, Promise<Started>>();
  #closing = new AbortController();

  constructor({
    workerId,
    directory,
    logBytes = DEFAULT_LOG_BYTES,
    shimCommand = SHIM_COMMAND,
  }: ProcessRuntimeOptions) {
    const root = join(directory, workerId);
    this.#files = new InstanceFiles(root);
    this.#register = new Register(this.#files);
    this.#shim = new ShimClient({
      command: shimCommand,
      root,
      cache: join(directory, "compile-cache"),
      logBytes,
      onLost: () => this.#register.sweep(),
    });
  }

  async check(): Promise<string> {
    if (process.platform !== "linux") {
      throw new Error("the process runtime needs Linux: start the worker with another --runtime here");
    }
    this.#register.open();
    return `Linux ${release()}`;
  }

  async list(): Promise<Instance[]> {
    this.#register.open();
    return this.#register.list();
  }

  async start(request: StartRequest, _onProgress: (reason: string) => void, signal: AbortSignal): Promise<Started> {
    const name = instanceName(request.ref);
    const pending = this.#starts.get(name);
    if (pending !== undefined) return pending;
    const start = this.#start(name, request, signal)
      .catch((error: unknown) => {
        if (error instanceof StartError) throw error;
        throw new StartError("engine", error instanceof Error ? error.message : String(error), { cause: error });
      })
      .finally(() => this.#starts.delete(name));
    this.#starts.set(name, start);
    return start;
  }

  async stop(ref: InstanceRef, timeoutMs: number): Promise<Exit | undefined> {
    const name = instanceName(ref);
    const standing = await this.#settled(name);
    if (standing.kind === "idle") return undefined;
    if (standing.kind === "ended") return standing.exit;
    const exit = terminateGroup(standing.leader) ? await this.#register.ended(name, timeoutMs) : undefined;
    return exit ?? this.#register.kill(name, standing.leader);
  }

  async resume(): Promise<void> {
    // A process that somebody stopped with a signal is not told from one that sleeps.
  }

  async remove(ref: InstanceRef): Promise<void> {
    const name = instanceName(ref);
    const standing = await this.#settled(name);
    if (!this.#register.isKnown(name)) return;
    await this.#takeDown(name, standing);
    this.#register.notify({ kind: "removed", ref });
  }

  async exec(
    ref: InstanceRef,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ exitCode: number; output: string }> {
    return execBeside(this.#launchOf(ref), command, timeoutMs);
  }

  async attach(ref: InstanceRef, request: ExecRequest, signal: AbortSignal): Promise<Execution> {
    return attachBeside(this.#launchOf(ref), request, signal);
  }

  async addressOf(ref: InstanceRef): Promise<string | undefined> {
    this.#register.open();
    return this.#register.standing(instanceName(ref)).kind === "running" ? "127.0.0.1" : undefined;
  }

  async *logs(ref: InstanceRef, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    this.#register.open();
    const name = instanceName(ref);
    if (!this.#register.isKnown(name)) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const unlisten = this.#register.listen((notice) => {
      if ("ref" in notice && instanceName(notice.ref) === name) resolve();
    });
    if (this.#register.standing(name).kind === "ended") resolve();
    try {
      const either = AbortSignal.any([signal, this.#closing.signal]);
      yield* readLog({ path: this.#files.log(name), options, signal: either, ended });
    } finally {
      unlisten();
    }
  }

  async use(): Promise<ReadonlyMap<string, TaskUse>> {
    this.#register.open();
    return this.#meter.measure(this.#register.running);
  }

  async watch(onNotice: (notice: RuntimeNotice) => void): Promise<void> {
    this.#register.open();
    this.#register.listen(onNotice);
  }

  async close(): Promise<void> {
    const isIdle = this.#register.running.size === 0;
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#register.close();
    await this.#shim.release(isIdle);
  }

  async #start(name: string, request: StartRequest, signal: AbortSignal): Promise<Started> {
    this.#register.open();
    for (let shimsLost = 0; shimsLost < 2;) {
      const standing = await this.#register.settled(name);
      if (standing.kind !== "idle") {
        // A run that is over is not run again; but whoever asks for it may have missed its end.
        if (standing.kind === "ended") this.#register.retell(name);
        return this.#facts(name);
      }
      if (signal.aborted) throw new StartError("engine", CALLED_OFF);
      // Whatever the answer, the next look says what became of it.
      if ((await this.#launch(name, request, signal)) === "lost") shimsLost += 1;
    }
    throw new StartError("engine", "the shims that were to start it were lost");
  }

  /** Has a shim run it, if no other has. Rejects with a StartError, and nothing is left, when it cannot be run. */
  async #launch(name: string, request: StartRequest, signal: AbortSignal): Promise<"started" | "claimed" | "lost"> {
    const launch = planLaunch(request);
    mkdirSync(this.#files.directory(name), { recursive: true, mode: 0o700 });
    writeJson(this.#files.record(name), { ref: request.ref, label: request.label, ports: request.ports, launch });
    const answer = await this.#shim.run(name);
    if (answer.outcome === "failed") {
      this.#register.discard(name);
      throw launchError(launch, answer.code, answer.message);
    }
    if (answer.outcome === "started" && signal.aborted) {
      await this.#takeDown(name, await this.#register.settled(name));
      throw new StartError("engine", CALLED_OFF);
    }
    if (answer.outcome === "started") this.#register.noteStarted(name);
    return answer.outcome;
  }

  async #takeDown(name: string, standing: SettledStanding): Promise<void> {
    if (standing.kind === "running" || standing.kind === "ending") await this.#register.kill(name, standing.leader);
    this.#register.discard(name);
  }

  #facts(name: string): Started {
    const custody = this.#files.readCustody(name);
    assert(custody?.leader !== undefined && custody.startedAt !== undefined, `${name} has been started by nobody`);
    return { containerId: String(custody.leader.pid), startedAt: custody.startedAt };
  }

  /** Where it stands once nothing is under way. */
  /** Throws an Error for an instance that does not run. */
  #launchOf(ref: InstanceRef): Launch {
    this.#register.open();
    const name = instanceName(ref);
    const record = this.#files.readRecord(name);
    if (record === undefined || this.#register.standing(name).kind !== "running")
      throw new Error(`${name} does not run`);
    return record.launch;
  }

  async #settled(name: string): Promise<SettledStanding> {
    this.#register.open();
    // Whether the start goes well is told to whoever started it.
    await this.#starts.get(name)?.catch(() => undefined);
    return this.#register.settled(name);
  }
}
