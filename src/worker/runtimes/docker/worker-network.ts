/**
 * The network that the worker's containers are put into. Mostly that is the engine's default one. An engine that was
 * started without it (`--bridge=none`) would run containers with no network at all and publish none of their ports
 * without a word; there the worker makes a network of its own, on demand, and removes it when nothing is in it.
 */
import { EngineError, hasStatus } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { WORKER_LABEL } from "./labels.ts";

export class WorkerNetwork {
  readonly #engine: Engine;
  readonly #workerId: string;
  readonly #name: string;
  /** Whether the engine has a default network; asked once, and again after the engine was away. */
  #hasDefault: Promise<boolean> | undefined;
  /** Our own network being made, or made. */
  #made: Promise<void> | undefined;
  /** Our own network being removed. */
  #removal: Promise<void> | undefined;
  /** Starts under way: the network is not removed beneath them. */
  #holders = 0;

  constructor(engine: Engine, workerId: string) {
    this.#engine = engine;
    this.#workerId = workerId;
    this.#name = `birdman-${workerId}`;
  }

  /** Does the work with the name of the network to put containers into, undefined for the default one, which stays meanwhile. */
  async hold<T>(work: (network: string | undefined) => Promise<T>): Promise<T> {
    if (await this.#isDefaultThere()) return work(undefined);
    this.#holders += 1;
    try {
      await this.#removal;
      this.#made ??= this.#make();
      await this.#made;
      return await work(this.#name);
    } catch (error) {
      this.#made = undefined;
      throw error;
    } finally {
      this.#holders -= 1;
    }
  }

  /** Removes our own network if there is one and nothing is in it. */
  async release(): Promise<void> {
    if (await this.#isDefaultThere()) return;
    // A removal begun before may have found containers in it that are gone by now.
    await this.#removal;
    if (this.#holders > 0) return;
    this.#removal ??= this.#remove().finally(() => {
      this.#removal = undefined;
    });
    await this.#removal;
  }

  /** The engine was away: it may have come back with other networks. */
  forget(): void {
    this.#hasDefault = undefined;
    this.#made = undefined;
  }

  async #isDefaultThere(): Promise<boolean> {
    this.#hasDefault ??= this.#askForDefault();
    try {
      return await this.#hasDefault;
    } catch (error) {
      this.#hasDefault = undefined;
      throw error;
    }
  }

  async #askForDefault(): Promise<boolean> {
    try {
      await this.#engine.call({ what: "a look at the default network" }, () =>
        this.#engine.docker.getNetwork("bridge").inspect(),
      );
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return false;
      throw error;
    }
  }

  async #make(): Promise<void> {
    try {
      await this.#engine.call({ what: `the making of network ${this.#name}` }, (abortSignal) =>
        this.#engine.docker.createNetwork({
          Name: this.#name,
          Driver: "bridge",
          CheckDuplicate: true,
          Labels: { [WORKER_LABEL]: this.#workerId },
          abortSignal,
        }),
      );
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
    }
  }

  async #remove(): Promise<void> {
    this.#made = undefined;
    try {
      await this.#engine.call({ what: `the removal of network ${this.#name}` }, (abortSignal) =>
        this.#engine.docker.getNetwork(this.#name).remove({ abortSignal }),
      );
    } catch (error) {
      // Not there, or containers are in it: both are as they should be.
      if (!(error instanceof EngineError && (error.status === 404 || error.status === 403))) throw error;
    }
  }
}
