/**
 * The worker's view of whatever runs its tasks: a container engine, the operating system, or nothing at all.
 *
 * An *instance* is one run of an attempt: (task, attempt, restart). Its name is made of the three, so that starting it
 * twice finds it there, and a start whose answer was lost can be looked up. A runtime knows its own instances by the
 * worker's id and never touches another's.
 */
import type { Writable } from "node:stream";
import type { TaskUse } from "../../node/node.ts";
import type { LogOptions } from "../../protocol/messages.ts";
import type { RuntimeKind, SpecDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { PortBinding } from "../../task/task.ts";

/** Which run of which attempt. */
export interface InstanceRef {
  readonly task: TaskId;
  readonly attempt: number;
  readonly restart: number;
}

/** `birdman-0193…-2-0`: the container's name. */
export function instanceName({ task, attempt, restart }: InstanceRef): string {
  return `birdman-${task}-${String(attempt)}-${String(restart)}`;
}

export interface StartRequest {
  readonly ref: InstanceRef;
  /** The task's name, for people who look at the engine. */
  readonly taskName: string;
  readonly spec: TaskSpec;
  /** Host ports chosen for the attempt, one for each of the spec's, with the address to publish on. */
  readonly ports: readonly PortBinding[];
  /** Which node runs it, for the environment: BIRDMAN_TASK_ID, BIRDMAN_TASK_NAME, BIRDMAN_ATTEMPT, BIRDMAN_NODE. */
  readonly nodeName: string;
  /** Asked right before the instance begins to run, however long that took to prepare; false: it must not, any more. */
  readonly mayBegin?: () => boolean;
  /** Given back by `list`, so that a worker which lost its own record can adopt the instance. No secrets. */
  readonly label: InstanceLabel;
}

export interface InstanceLabel {
  readonly name: string;
  /** Started on the worker directly and never owned by a manager. */
  readonly local: boolean;
  readonly createdAt: number;
  readonly spec: SpecDocument;
}

export interface Started {
  /** The engine's id of the container, or the process group's id. */
  readonly containerId: string;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
}

/** How a run ended. */
export interface Exit {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Wall clock, milliseconds. */
  readonly finishedAt: number;
}

export interface Instance {
  readonly ref: InstanceRef;
  readonly containerId: string;
  readonly ports: readonly PortBinding[];
  readonly label: InstanceLabel | undefined;
  readonly startedAt: number | undefined;
  /** Absent while it runs. An instance that was created and never started has none and is not running either. */
  readonly exit: Exit | undefined;
  /** It has begun and not ended, paused or not. */
  readonly running: boolean;
  /** Somebody froze it; `resume` lets it go on. */
  readonly paused: boolean;
}

/** Something happened to one of this worker's instances. `exited` may come more than once for the same run. */
export type RuntimeNotice =
  | { readonly kind: "exited"; readonly ref: InstanceRef; readonly exit: Exit }
  | { readonly kind: "removed"; readonly ref: InstanceRef }
  | { readonly kind: "paused"; readonly ref: InstanceRef }
  /** It was started, and not by this runtime. */
  | { readonly kind: "appeared"; readonly ref: InstanceRef }
  /** The disk that the engine keeps its data on is too full, or not any more. */
  | { readonly kind: "crowded"; readonly isCrowded: boolean }
  /** Notices may have been missed (the engine was away): list again. */
  | { readonly kind: "uncertain"; readonly reason: string };

/**
 * Why a start failed.
 * `image`: it is not there and could not be fetched. `command`: the image has no such program. `ports`: one of the host
 * ports is taken. `spec`: the engine refuses what was asked for. `engine`: the engine is away, slow or in trouble: the
 * instance may exist or not.
 */
export type StartErrorCode = "image" | "command" | "ports" | "spec" | "engine";

export class StartError extends Error {
  override readonly name = "StartError";
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An engine did not do what it was asked. */
export abstract class EngineFailure extends Error {
  /** It gave no answer of its own: it is away, hangs or broke off. What was asked may have been done or not. */
  abstract readonly isSilent: boolean;
}

/** True of an error that comes of an engine's silence, rather than of an answer that says no. */
export function isSilence(error: unknown): boolean {
  if (error instanceof EngineFailure) return error.isSilent;
  return error instanceof Error && isSilence(error.cause);
}

export interface LogChunk {
  readonly stream: "stdout" | "stderr";
  /** To be used or copied before the next chunk is asked for, which may be made in the same memory. */
  readonly data: Uint8Array;
}

/** What to run inside an instance. */
export interface ExecRequest {
  readonly command: readonly string[];
  /** It gets a terminal of this size; absent: none. */
  readonly terminal?: TerminalSize;
  /** There will be input; else it reads an end at once. */
  readonly stdin?: boolean;
  readonly user?: string;
  readonly workingDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A command that runs inside an instance. */
export interface Execution {
  /** What it writes, pulled no faster than it is read; with a terminal all of it is stdout. Ends when the command has. */
  readonly output: AsyncIterable<LogChunk>;
  /** What it reads; to be ended when there is no more. */
  readonly input: Writable;
  resize(size: TerminalSize): Promise<void>;
  signal(name: NodeJS.Signals): Promise<void>;
  /** To be asked once the output has ended. */
  exitCode(): Promise<number>;
}

/** The command could not be run inside the instance; the message is for whoever asked. */
export class ExecError extends Error {
  override readonly name = "ExecError";
}

export interface Runtime {
  readonly kind: RuntimeKind;
  /** There is an engine beside this process, which may fall silent: worth a check now and then. */
  readonly hasEngine: boolean;
  /**
   * Resolves to the engine's version when it answers in time; rejects with a message that says what to do when it does
   * not. Cheap enough for every few seconds.
   */
  check(timeoutMs?: number): Promise<string>;
  /** All of this worker's instances, running or not. */
  list(): Promise<Instance[]>;
  /**
   * Brings the instance up. Starting one that exists is no error: it is started if it is not running, and its facts are
   * returned. `onProgress` says what is going on (pulling, …) in a sentence. Rejects with a StartError, after which
   * nothing of the instance is left behind (`engine` excepted).
   */
  start(request: StartRequest, onProgress: (reason: string) => void, signal: AbortSignal): Promise<Started>;
  /**
   * Asks it to end, kills it after the timeout, and resolves once it has ended; also when it is not there. An instance that
   * has begun stays until `remove`; one that has not does not begin any more.
   */
  stop(ref: InstanceRef, timeoutMs: number): Promise<Exit | undefined>;
  /** Lets one that was paused go on. One that is not paused, or not there, is no error. */
  resume(ref: InstanceRef): Promise<void>;
  /**
   * Kills it without its engine, which does not answer; resolves to false when that cannot be done for certain. Absent
   * where there is no engine.
   */
  killWithoutEngine?(ref: InstanceRef, containerId: string | undefined): Promise<boolean>;
  /** Removes every trace of it, killing it if need be. Removing what is not there is no error. */
  remove(ref: InstanceRef): Promise<void>;
  /** Runs a command inside the instance and resolves to its exit code; killed after the timeout (exit code 124). */
  exec(ref: InstanceRef, command: readonly string[], timeoutMs: number): Promise<{ exitCode: number; output: string }>;
  /**
   * Runs a command inside the instance for somebody who is there: with input, a terminal, signals. It is killed when the
   * signal says so. Rejects with an ExecError for what cannot be run there.
   */
  attach(ref: InstanceRef, request: ExecRequest, signal: AbortSignal): Promise<Execution>;
  /** Address at which the instance itself listens, when not through a published port (health probes); undefined when unknown. */
  addressOf(ref: InstanceRef): Promise<string | undefined>;
  /** Ends when the instance has ended and all is read, or at once without `follow`; pulls no faster than it is read. */
  logs(ref: InstanceRef, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk>;
  /** Measured use of every running instance, by instance name. Cheap enough for every few seconds. */
  use(): Promise<ReadonlyMap<string, TaskUse>>;
  /** Calls back for everything that happens from now on, until `close`. Resolves once nothing can be missed any more. */
  watch(onNotice: (notice: RuntimeNotice) => void): Promise<void>;
  /** Lets go of connections and watchers; instances go on running. Removes what only this runtime made for itself and nothing uses. */
  close(): Promise<void>;
}
