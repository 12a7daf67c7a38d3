/**
 * Tasks as containers, on any engine that speaks the Docker Engine API (Docker from 20.10, Podman from 4.3).
 *
 * The engine is the record: containers bear the worker's id and their task's spec as labels, their names are made of
 * task, attempt and restart, and a worker that comes back finds all it needs there. The engine's own restart policies
 * are not used; what ends is noticed by its events.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerInspectInfo, DockerVersion } from "dockerode";
import type { Logger } from "pino";
import type { TaskUse } from "../../../node/node.ts";
import type { LogOptions } from "../../../protocol/messages.ts";
import {
  instanceName,
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
import { attachToContainer } from "./container-attach.ts";
import { ContainerEvents } from "./container-events.ts";
import { execInContainer, type ExecResult } from "./container-exec.ts";
import { containerLogs } from "./container-logs.ts";
import { ContainerStarter } from "./container-starter.ts";
import { ContainerUse } from "./container-use.ts";
import { killProcesses } from "./container-processes.ts";
import { Containers, exitOf, isUp, startedAtOf } from "./containers.ts";
import { EngineError, hasStatus } from "./engine-error.ts";
import { DEFAULT_DOCKER_HOST, Engine } from "./engine.ts";
import { ImageCollector, type ImageSettings } from "./image-collector.ts";
import { ImagePuller } from "./image-puller.ts";
import { ImageRecords } from "./image-records.ts";
import { NoticeGate } from "./notice-gate.ts";
import { WorkerNetwork } from "./worker-network.ts";

/** How much longer than its timeout a stop may take before the container is killed by force, in milliseconds. */
const STOP_GRACE_MS = 10_000;

/** `check` is for people who wait for it. */
const CHECK_TIMEOUT_MS = 10_000;

/** An engine that hangs does not keep a worker from ending. */
const CLOSE_TIMEOUT_MS = 5000;

export interface DockerRuntimeOptions {
  /** The worker's lasting id: its containers bear it, and no others are touched. */
  readonly workerId: string;
  /** `unix:///path/to/docker.sock` or `tcp://host:port`; else `DOCKER_HOST`, else Docker's own default. */
  readonly dockerHost?: string;
  readonly logger?: Logger;
  /** Images that it pulls are removed again when they are not needed any more; absent: they stay. */
  readonly images?: DockerImageOptions;
  /** How long the engine may take to answer, in milliseconds; a minute, if absent. */
  readonly callTimeoutMs?: number;
}

export interface DockerImageOptions {
  /** The file in which it is kept what was pulled. */
  readonly file: string;
  readonly settings: ImageSettings;
}

/** Throws an Error when the engine's address is none. Connects when it is first used. */
export function createDockerRuntime(options: DockerRuntimeOptions): Runtime {
  return new DockerRuntime(options);
}

/** More than the client library's types say: else each question that an engine does not answer would keep a connection. */
interface AbortableVersion {
  version(options: { readonly abortSignal: AbortSignal }): Promise<DockerVersion>;
}

class DockerRuntime implements Runtime {
  readonly kind = "docker";
  readonly hasEngine = true;
  readonly #engine: Engine;
  readonly #containers: Containers;
  readonly #network: WorkerNetwork;
  readonly #gate = new NoticeGate();
  readonly #starter: ContainerStarter;
  readonly #use: ContainerUse;
  readonly #logger: Logger | undefined;
  readonly #collector: ImageCollector | undefined;
  #events: ContainerEvents[] = [];

  constructor({ workerId, dockerHost, logger, callTimeoutMs, images }: DockerRuntimeOptions) {
    const engine = new Engine(dockerHost ?? process.env["DOCKER_HOST"] ?? DEFAULT_DOCKER_HOST, callTimeoutMs);
    const containers = new Containers(engine, workerId);
    const network = new WorkerNetwork(engine, workerId);
    this.#engine = engine;
    this.#containers = containers;
    this.#network = network;
    const records = images && new ImageRecords(images.file);
    const puller = new ImagePuller(engine, records);
    this.#starter = new ContainerStarter({ engine, workerId, containers, network, images: puller, gate: this.#gate });
    this.#collector = images && records && new ImageCollector({ engine, records, settings: images.settings, logger });
    this.#use = new ContainerUse(engine, containers);
    this.#logger = logger;
  }

  async check(timeoutMs = CHECK_TIMEOUT_MS): Promise<string> {
    const docker: AbortableVersion = this.#engine.docker;
    const { Version: version } = await this.#engine.call({ what: "its version", timeoutMs }, (abortSignal) =>
      docker.version({ abortSignal }),
    );
    return version;
  }

  async list(): Promise<Instance[]> {
    const instances = await this.#containers.list();
    for (const { ref, containerId, running } of instances) {
      if (running) this.#use.started(instanceName(ref), containerId);
    }
    return instances;
  }

  async start(request: StartRequest, onProgress: (reason: string) => void, signal: AbortSignal): Promise<Started> {
    try {
      const started = await this.#starter.start({ request, onProgress, signal });
      this.#use.started(instanceName(request.ref), started.containerId);
      return started;
    } catch (error) {
      await this.#releaseNetwork();
      throw error;
    }
  }

  async stop(ref: InstanceRef, timeoutMs: number): Promise<Exit | undefined> {
    const found = await this.#containers.find(ref);
    if (found === undefined) return undefined;
    // What is paused cannot heed a request to stop, and Podman would not even pass it on.
    if (found.State.Paused) await this.#containers.resume(found.Id);
    if (isUp(found)) await this.#end(found.Id, timeoutMs);
    else if (startedAtOf(found) === undefined) return this.#forestall(found.Id);
    const ended = await this.#containers.inspect(found.Id);
    return ended === undefined ? undefined : exitOf(ended);
  }

  async resume(ref: InstanceRef): Promise<void> {
    const found = await this.#containers.find(ref);
    if (found?.State.Paused === true) await this.#containers.resume(found.Id);
  }

  async killWithoutEngine({ task, attempt }: InstanceRef, containerId: string | undefined): Promise<boolean> {
    if (!this.#engine.isLocal) return false;
    const environment = { BIRDMAN_TASK_ID: task, BIRDMAN_ATTEMPT: String(attempt) };
    return killProcesses({ containerId, environment });
  }

  async remove(ref: InstanceRef): Promise<void> {
    const found = await this.#containers.find(ref);
    if (found === undefined) return;
    await this.#containers.remove(found.Id);
    this.#use.ended(instanceName(ref));
    await this.#releaseNetwork();
  }

  async exec(ref: InstanceRef, command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    const { Id: id } = await this.#existing(ref);
    return execInContainer({ engine: this.#engine, containers: this.#containers }, { id, command, timeoutMs });
  }

  async attach(ref: InstanceRef, request: ExecRequest, signal: AbortSignal): Promise<Execution> {
    const { Id: id } = await this.#existing(ref);
    return attachToContainer({ engine: this.#engine, containers: this.#containers }, { id, request }, signal);
  }

  async addressOf(ref: InstanceRef): Promise<string | undefined> {
    const found = await this.#containers.find(ref);
    const networks = Object.values(found?.NetworkSettings.Networks ?? {});
    return networks.map((network) => network.IPAddress).find((address) => address !== "");
  }

  async *logs(ref: InstanceRef, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk, void, undefined> {
    const { Id: container, Config: config } = await this.#existing(ref);
    const parts = { engine: this.#engine, containers: this.#containers };
    yield* containerLogs(parts, { container, hasTerminal: config.Tty, options }, signal);
  }

  use(): Promise<ReadonlyMap<string, TaskUse>> {
    return this.#use.read();
  }

  async watch(onNotice: (notice: RuntimeNotice) => void): Promise<void> {
    const parts = { engine: this.#engine, containers: this.#containers, gate: this.#gate, logger: this.#logger };
    const onReconnected = (): void => {
      this.#network.forget();
      this.#gate.forget();
    };
    const events = new ContainerEvents({ ...parts, onReconnected }, (notice) => {
      if (notice.kind === "exited" || notice.kind === "removed") this.#use.ended(instanceName(notice.ref));
      onNotice(notice);
    });
    this.#events.push(events);
    await events.open();
    this.#collector?.open((isCrowded) => onNotice({ kind: "crowded", isCrowded }));
  }

  async close(): Promise<void> {
    this.#collector?.close();
    await Promise.all(this.#events.map((events) => events.close()));
    this.#events = [];
    await Promise.race([this.#releaseNetwork(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.#engine.close();
  }

  /**
   * Of a container that does not run and never did, as its engine says: a start may be on its way there, asked for by
   * somebody who is gone, and will fail; or it was begun, and the engine was killed and forgot it.
   */
  async #forestall(id: string): Promise<undefined> {
    await this.#containers.remove(id);
    if (this.#engine.isLocal) await killProcesses({ containerId: id, environment: {} });
  }

  /** Asks the container to end and has it killed after the timeout; by a call of its own when the engine does not get to it. */
  async #end(id: string, timeoutMs: number): Promise<void> {
    const container = this.#containers.handle(id);
    const call = { what: `the stop of container ${id.slice(0, 12)}`, timeoutMs: timeoutMs + STOP_GRACE_MS };
    try {
      // The engine counts in whole seconds.
      await this.#engine.call(call, (abortSignal) => container.stop({ t: Math.ceil(timeoutMs / 1000), abortSignal }));
    } catch (error) {
      if (hasStatus(error, 304) || hasStatus(error, 404)) return;
      if (!(error instanceof EngineError && error.reason === "timeout")) throw error;
      const kill = { what: `the killing of container ${id.slice(0, 12)}`, timeoutMs: STOP_GRACE_MS };
      await this.#engine.call(kill, (abortSignal) => container.kill({ signal: "SIGKILL", abortSignal }));
      await this.#engine.call(kill, (abortSignal) => container.wait({ condition: "not-running", abortSignal }));
    }
  }

  async #existing(ref: InstanceRef): Promise<ContainerInspectInfo> {
    const found = await this.#containers.find(ref);
    if (found === undefined) throw new Error(`there is no container ${instanceName(ref)} of this worker`);
    return found;
  }

  /** What is left of it is no reason to fail: it is tried again after every removal and when the runtime is closed. */
  async #releaseNetwork(): Promise<void> {
    try {
      await this.#network.release();
    } catch (error) {
      this.#logger?.warn({ err: error }, "cannot remove the worker's network");
    }
  }
}
