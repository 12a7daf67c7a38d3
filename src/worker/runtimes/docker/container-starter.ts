/**
 * Brings a container up, with as few questions as can be: create, start. What the answers say (no such image, the name
 * is taken) is acted on as it comes; nothing is asked beforehand.
 *
 * Invariant: after a failure that the engine reported, the container is gone. After silence it is looked up by its name.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import { backoffDelay, type Backoff } from "../../../utils/backoff.ts";
import { instanceName, StartError, type Started, type StartRequest } from "../runtime.ts";
import { containerConfig } from "./container-config.ts";
import { killProcesses } from "./container-processes.ts";
import { startedAtOf, type Containers } from "./containers.ts";
import { EngineError, hasStatus } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { NoticeGate } from "./notice-gate.ts";
import { startError } from "./start-errors.ts";
import type { WorkerNetwork } from "./worker-network.ts";

/**
 * All is done again when the name is taken by what is not there: a container that is just being made or removed on behalf
 * of somebody who may not wait for it any more. That takes up to some 5 s.
 */
const ATTEMPTS = 8;
const PAUSE: Backoff = { delayMs: 100, delayMaxMs: 1000 };

export interface StarterParts {
  readonly engine: Engine;
  readonly workerId: string;
  readonly containers: Containers;
  readonly images: ImagePuller;
  readonly network: WorkerNetwork;
  readonly gate: NoticeGate;
}

export interface Start {
  readonly request: StartRequest;
  readonly onProgress: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** A container of the right name: to be started, or running since a moment. */
interface Found {
  readonly id: string;
  readonly startedAt: number | undefined;
}

export class ContainerStarter {
  readonly #parts: StarterParts;

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /** Rejects with a StartError. */
  async start(start: Start): Promise<Started> {
    try {
      start.signal.throwIfAborted();
      this.#parts.images.noteUse(start.request.spec.document.image ?? "");
      if (start.request.spec.document.pull === "always") await this.#pull(start);
      return await this.#parts.network.hold((network) => this.#createAndStart(start, network));
    } catch (error) {
      if (start.signal.aborted && !(error instanceof StartError)) {
        throw new StartError("engine", "the start was called off", { cause: error });
      }
      throw startError(error, start.request);
    }
  }

  async #createAndStart(start: Start, network: string | undefined): Promise<Started> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 0) {
        await sleep(backoffDelay(PAUSE, attempt - 1, Math.random), undefined, { signal: start.signal });
      }
      const found = await this.#createOrFind(start, network);
      if (found === undefined) continue;
      const { id, startedAt } = found;
      if (startedAt !== undefined) return { containerId: id, startedAt };
      if (await this.#startFound(start, id)) return { containerId: id, startedAt: Date.now() };
    }
    const name = instanceName(start.request.ref);
    throw new StartError(
      "engine",
      `container ${name} is being made or removed by somebody else, and does not become free`,
    );
  }

  /** Undefined when the name is taken and yet there is no such container. */
  async #createOrFind(start: Start, network: string | undefined): Promise<Found | undefined> {
    const { engine, workerId } = this.#parts;
    const name = instanceName(start.request.ref);
    const config = containerConfig(workerId, start.request, network);
    try {
      const { id } = await engine.call({ what: `the creation of ${name}` }, (abortSignal) =>
        engine.docker.createContainer(createOptions(name, config, abortSignal)),
      );
      return { id, startedAt: undefined };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (isImageMissing(error)) {
        await this.#pullMissing(start);
        return this.#createOrFind(start, network);
      }
      if (!isNameTaken(error) && error.reason === "answered") throw error;
      const found = await this.#lookUp(name, error);
      if (found === undefined && isNameTaken(error)) return undefined;
      if (found === undefined) throw error;
      return { id: found.Id, startedAt: startedAtOf(found) };
    }
  }

  /** False when the container was removed meanwhile, so that all is to be done again. */
  async #startFound(start: Start, id: string): Promise<boolean> {
    const { gate } = this.#parts;
    gate.starting(id);
    try {
      start.signal.throwIfAborted();
      if (start.request.mayBegin?.() === false) throw new StartError("engine", "the start was called off");
      const isStarted = await this.#startOnce(instanceName(start.request.ref), id);
      setImmediate(() => gate.release(id));
      return isStarted;
    } catch (error) {
      if (error instanceof EngineError && error.reason !== "answered") {
        setImmediate(() => gate.abandon(id));
        throw error;
      }
      gate.failed(id);
      await this.#cleanUp(id, error);
      if (isGone(error)) return false;
      throw error;
    }
  }

  /**
   * Asked once only: what ran to its end before the answer was lost must not run again. False when the request was lost,
   * not the answer.
   */
  async #startOnce(name: string, id: string): Promise<boolean> {
    const { engine, containers } = this.#parts;
    try {
      const call = { what: `the start of ${name}`, isRepeatable: false };
      await engine.call(call, (abortSignal) => containers.handle(id).start({ abortSignal }));
      return true;
    } catch (error) {
      if (hasStatus(error, 304)) return true;
      if (!(error instanceof EngineError) || error.reason === "answered") throw error;
      const found = await this.#lookUp(name, error);
      if (found !== undefined && startedAtOf(found) !== undefined) return true;
      if (error.reason === "cut") return false;
      throw error;
    }
  }

  /** What has the name after the engine said that it is taken, or said nothing. Rejects when that is not ours. */
  async #lookUp(name: string, reason: EngineError): Promise<ContainerInspectInfo | undefined> {
    const { containers } = this.#parts;
    const found = await containers.inspect(name).catch(() => {
      // The engine does not answer this either: what it did not say before is what has to be told.
      throw reason;
    });
    if (found === undefined || containers.isOwn(found)) return found;
    throw new StartError(
      "engine",
      `the name ${name} is taken by a container that is not this worker's: remove that one`,
    );
  }

  /**
   * An engine that was killed in the middle of a start may have begun it all the same, and knows nothing of that when it is
   * back: whatever runs in the container is ended without it.
   */
  async #cleanUp(id: string, reason: unknown): Promise<void> {
    const { engine, containers } = this.#parts;
    const words = reason instanceof Error ? reason.message : String(reason);
    if (engine.isLocal && !(await killProcesses({ containerId: id, environment: {} }))) {
      throw new StartError("engine", `${words} (and what runs in it could not be ended)`, { cause: reason });
    }
    try {
      await containers.remove(id);
    } catch (error) {
      throw new StartError("engine", `${words} (and what was created could not be removed)`, { cause: error });
    }
  }

  async #pullMissing(start: Start): Promise<void> {
    const { document } = start.request.spec;
    if (document.pull === "never") {
      throw new StartError("image", `image ${String(document.image)} is not on this node, and pull is "never"`);
    }
    await this.#pull(start);
  }

  async #pull({ request, onProgress, signal }: Start): Promise<void> {
    const { image, registryAuth } = request.spec.document;
    if (image === undefined) return;
    await this.#parts.images.pull({ image, credentials: registryAuth }, onProgress, signal);
  }
}

function isNameTaken({ message }: EngineError): boolean {
  return /container name .* is already in use/.test(message);
}

function isImageMissing({ status, message }: EngineError): boolean {
  return status === 404 && /no such image/i.test(message);
}

/** Someone removed it, or is about to. */
function isGone(error: unknown): boolean {
  const words = String(error);
  return (
    (hasStatus(error, 404) && /no such container/i.test(words)) || (hasStatus(error, 409) && /removal/.test(words))
  );
}

/** The client library sends `_query` in the address and `_body` alone in the body; else it would send all in both. */
function createOptions(name: string, config: ContainerCreateOptions, abortSignal: AbortSignal): ContainerCreateOptions {
  const options = { _query: { name }, _body: config, abortSignal };
  return options;
}
