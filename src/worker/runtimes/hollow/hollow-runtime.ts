/**
 * Runs nothing, and says it does: for load tests and simulations, where thousands of instances must cost next to nothing.
 * An instance runs until it is stopped, unless labels of its task say otherwise:
 *
 *     hollow.start: 200ms      how long it takes to start
 *     hollow.fail: image       that it cannot be started, and why (image, command, ports, spec, engine)
 *     hollow.duration: 2s      how long it runs
 *     hollow.exit: 1           the exit code it then ends with
 *     hollow.stop: 1s          how long it takes to heed a request to stop; longer than the timeout, and it is killed
 *     hollow.exec: 1           the exit code of commands run beside it
 *     hollow.cpu: 0.5          what it uses, in cores
 *     hollow.memory: 20MiB     and in bytes
 */
import { once } from "node:events";
import type { TaskUse } from "../../../node/node.ts";
import type { TaskSpec } from "../../../task/spec.ts";
import { parseDuration } from "../../../utils/durations.ts";
import { parseSize } from "../../../utils/sizes.ts";
import {
  ExecError,
  instanceName,
  StartError,
  type Exit,
  type Instance,
  type InstanceRef,
  type LogChunk,
  type Runtime,
  type RuntimeNotice,
  type Started,
  type StartErrorCode,
  type StartRequest,
} from "../runtime.ts";

const STOPPED = 128 + 15;
const KILLED = 128 + 9;
const START_ERRORS: readonly StartErrorCode[] = ["image", "command", "ports", "spec", "engine"];

interface HollowInstance {
  readonly request: StartRequest;
  readonly startedAt: number;
  readonly behaviour: Behaviour;
  /** Of a stop that waits for it. */
  ended: PromiseWithResolvers<void> | undefined;
  timer: NodeJS.Timeout | undefined;
  exit: Exit | undefined;
}

/** In place of an engine: what outlives the runtime objects of one worker, within this process. */
class HollowEngine {
  readonly instances = new Map<string, HollowInstance>();
  readonly starts = new Map<string, Promise<Started>>();
  readonly listeners = new Set<(notice: RuntimeNotice) => void>();

  end(instance: HollowInstance, exitCode: number): Exit {
    if (instance.exit !== undefined) return instance.exit;
    clearTimeout(instance.timer);
    instance.exit = { exitCode, oomKilled: false, finishedAt: Date.now() };
    instance.ended?.resolve();
    this.notify({ kind: "exited", ref: instance.request.ref, exit: instance.exit });
    return instance.exit;
  }

  notify(notice: RuntimeNotice): void {
    for (const listener of this.listeners) listener(notice);
  }
}

/** By worker. */
const engines = new Map<string, HollowEngine>();

export interface HollowRuntimeOptions {
  readonly workerId: string;
}

export function createHollowRuntime({ workerId }: HollowRuntimeOptions): Runtime {
  return new HollowRuntime(workerId);
}

class HollowRuntime implements Runtime {
  readonly kind = "hollow";
  readonly hasEngine = false;
  readonly #workerId: string;
  #listeners: ((notice: RuntimeNotice) => void)[] = [];

  constructor(workerId: string) {
    this.#workerId = workerId;
  }

  async check(): Promise<string> {
    return "1";
  }

  async list(): Promise<Instance[]> {
    return [...this.#engine.instances.values()].map(({ request, startedAt, exit }) => ({
      ref: request.ref,
      containerId: instanceName(request.ref),
      ports: request.ports,
      label: request.label,
      startedAt,
      exit,
      running: exit === undefined,
      paused: false,
    }));
  }

  async start(request: StartRequest, _onProgress: (reason: string) => void, signal: AbortSignal): Promise<Started> {
    const { instances, starts } = this.#engine;
    const name = instanceName(request.ref);
    const known = instances.get(name);
    if (known !== undefined) return { containerId: name, startedAt: known.startedAt };
    const start = starts.get(name) ?? this.#start(name, request, signal).finally(() => starts.delete(name));
    starts.set(name, start);
    return start;
  }

  async stop(ref: InstanceRef, timeoutMs: number): Promise<Exit | undefined> {
    const engine = this.#engine;
    const instance = engine.instances.get(instanceName(ref));
    if (instance === undefined || instance.exit !== undefined) return instance?.exit;
    const { stopMs } = instance.behaviour;
    const waitMs = Math.min(stopMs, timeoutMs);
    if (waitMs > 0) await pause(waitMs, (instance.ended ??= Promise.withResolvers<void>()).promise);
    return engine.end(instance, stopMs > timeoutMs ? KILLED : STOPPED);
  }

  async resume(): Promise<void> {
    // Nobody can pause what does not exist.
  }

  async remove(ref: InstanceRef): Promise<void> {
    const engine = this.#engine;
    const name = instanceName(ref);
    const instance = engine.instances.get(name);
    if (instance === undefined) return;
    engine.end(instance, KILLED);
    engine.instances.delete(name);
    engine.notify({ kind: "removed", ref });
  }

  async exec(ref: InstanceRef): Promise<{ exitCode: number; output: string }> {
    const instance = this.#engine.instances.get(instanceName(ref));
    if (instance === undefined || instance.exit !== undefined) throw new Error(`${instanceName(ref)} does not run`);
    return { exitCode: instance.behaviour.execExitCode, output: "" };
  }

  async attach(): Promise<never> {
    throw new ExecError("a hollow task runs nothing, so nothing can be run inside it");
  }

  async addressOf(): Promise<undefined> {
    return undefined;
  }

  async *logs(): AsyncGenerator<LogChunk> {
    // It prints nothing.
  }

  async use(): Promise<ReadonlyMap<string, TaskUse>> {
    const uses = new Map<string, TaskUse>();
    for (const [name, { exit, behaviour }] of this.#engine.instances) {
      if (exit === undefined) uses.set(name, behaviour.use);
    }
    return uses;
  }

  async watch(onNotice: (notice: RuntimeNotice) => void): Promise<void> {
    this.#engine.listeners.add(onNotice);
    this.#listeners.push(onNotice);
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    for (const listener of this.#listeners) engine.listeners.delete(listener);
    this.#listeners = [];
    if (engine.instances.size === 0 && engine.listeners.size === 0) engines.delete(this.#workerId);
  }

  get #engine(): HollowEngine {
    const engine = engines.get(this.#workerId) ?? new HollowEngine();
    engines.set(this.#workerId, engine);
    return engine;
  }

  async #start(name: string, request: StartRequest, signal: AbortSignal): Promise<Started> {
    const behaviour = behaviourOf(request.spec);
    const { startMs, failure, durationMs, exitCode } = behaviour;
    if (startMs > 0 && !signal.aborted) await pause(startMs, once(signal, "abort"));
    if (signal.aborted) throw new StartError("engine", "the start was called off");
    if (failure !== undefined) throw new StartError(failure, `its label hollow.fail says so: ${failure}`);
    const engine = this.#engine;
    const startedAt = Date.now();
    const instance: HollowInstance = {
      request,
      startedAt,
      behaviour,
      ended: undefined,
      timer: undefined,
      exit: undefined,
    };
    if (durationMs !== undefined) instance.timer = setTimeout(() => engine.end(instance, exitCode), durationMs).unref();
    engine.instances.set(name, instance);
    return { containerId: name, startedAt };
  }
}

/** Lasts so long, or until something else has happened. Keeps no process alive. */
async function pause(ms: number, cut: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const whole = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([whole, cut]);
  clearTimeout(timer);
}

interface Behaviour {
  readonly startMs: number;
  readonly failure: StartErrorCode | undefined;
  readonly durationMs: number | undefined;
  readonly exitCode: number;
  readonly stopMs: number;
  readonly execExitCode: number;
  readonly use: TaskUse;
}

/** Many instances share a spec. */
const behaviours = new WeakMap<TaskSpec, Behaviour>();

/** What the labels say. Throws a StartError that names the label which makes no sense. */
function behaviourOf(spec: TaskSpec): Behaviour {
  const known = behaviours.get(spec);
  if (known !== undefined) return known;
  const behaviour = readBehaviour(spec);
  behaviours.set(spec, behaviour);
  return behaviour;
}

function readBehaviour(spec: TaskSpec): Behaviour {
  const labels = spec.document.labels ?? {};
  function read<T>(label: string, parse: (text: string) => T | undefined): T | undefined {
    const text = labels[label];
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) throw new StartError("spec", `label ${label} cannot be ${JSON.stringify(text)}`);
    return value;
  }
  return {
    startMs: read("hollow.start", parseDuration) ?? 0,
    failure: read("hollow.fail", (text) => START_ERRORS.find((code) => code === text)),
    durationMs: read("hollow.duration", parseDuration),
    exitCode: read("hollow.exit", parseExitCode) ?? 0,
    stopMs: read("hollow.stop", parseDuration) ?? 0,
    execExitCode: read("hollow.exec", parseExitCode) ?? 0,
    use: { cpu: read("hollow.cpu", parseCores) ?? 0, memory: read("hollow.memory", parseSize) ?? 0 },
  };
}

function parseExitCode(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

function parseCores(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
