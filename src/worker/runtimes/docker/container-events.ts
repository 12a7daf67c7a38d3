/**
 * What happens to the worker's containers, from the engine's own event stream: nothing is polled. When the stream is
 * lost it is opened again, with a wait that grows, and whoever listens is told that something may have been missed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import type { Logger } from "pino";
import { fullJitter, type Backoff } from "../../../utils/backoff.ts";
import type { RuntimeNotice } from "../runtime.ts";
import type { Containers } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { jsonLines } from "./json-lines.ts";
import { refOf, type Labels } from "./labels.ts";
import type { NoticeGate } from "./notice-gate.ts";

const RECONNECT: Backoff = { delayMs: 100, delayMaxMs: 2000 };

/** 128 + SIGKILL: the exit code of what ran out of memory, and of what was killed for another reason. */
const KILLED = 137;

/** What is asked for, in the words of Docker and of Podman. Probes make many more events, which stay away. */
const ACTIONS = ["oom", "start", "pause", "die", "died", "destroy", "remove"];

/** A kill belongs to an event of no memory that came at most so long before, in milliseconds. */
const OOM_TO_DEATH_MS = 5000;

/** Only Podman's events have it. */
const PODMAN_ATTRIBUTE = "containerExitCode";

/** Events are asked for from a little earlier, in milliseconds: the engine answers a moment before it listens. */
const OVERLAP_MS = 100;

/** The part of an event that matters here. Docker and Podman differ in the names of the actions. */
interface ContainerEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly timeNano?: number;
}

export interface EventParts {
  readonly engine: Engine;
  readonly containers: Containers;
  readonly gate: NoticeGate;
  readonly logger: Logger | undefined;
  /** Called when the stream is there again after it was lost, before the notice. */
  readonly onReconnected: () => void;
}

export class ContainerEvents {
  readonly #parts: EventParts;
  readonly #onNotice: (notice: RuntimeNotice) => void;
  readonly #closed = new AbortController();
  /** When each container last ran out of memory, of those that have not ended since: wall clock, milliseconds. */
  readonly #outOfMemory = new Map<string, number>();
  #reading: Promise<void> | undefined;

  constructor(parts: EventParts, onNotice: (notice: RuntimeNotice) => void) {
    this.#parts = parts;
    this.#onNotice = onNotice;
  }

  /** Resolves once the stream is open. Rejects with an EngineError when it cannot be opened at first. */
  async open(): Promise<void> {
    const stream = await this.#connect();
    this.#reading = this.#read(stream);
  }

  /** Nothing is told any more once this resolves. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#reading;
  }

  #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  #connect(): Promise<Readable> {
    const { engine, containers } = this.#parts;
    const since = (Date.now() - OVERLAP_MS) / 1000;
    const filters = JSON.stringify({ type: ["container"], label: [containers.labelFilter], event: ACTIONS });
    return engine.open(
      { what: "the stream of events" },
      (abortSignal) => engine.docker.getEvents({ since, filters, abortSignal }),
      this.#closed.signal,
    );
  }

  /** Reads until it is closed, through every loss of the stream. Never rejects. */
  async #read(first: Readable): Promise<void> {
    const { signal } = this.#closed;
    let stream: Readable | undefined = first;
    let attempt = 0;
    while (!this.#isClosed()) {
      try {
        if (stream === undefined) {
          await sleep(fullJitter(RECONNECT, attempt, Math.random), undefined, { signal });
          attempt += 1;
          stream = await this.#connect();
          attempt = 0;
          this.#parts.onReconnected();
          this.#onNotice({ kind: "uncertain", reason: "the container engine was away" });
        }
        for await (const event of jsonLines(stream)) await this.#handle(event as ContainerEvent);
        this.#parts.logger?.warn("the container engine closed its stream of events");
      } catch (error) {
        if (!this.#isClosed()) {
          this.#parts.logger?.warn({ err: error }, "the container engine's stream of events is lost");
        }
      }
      stream = undefined;
    }
  }

  async #handle(event: ContainerEvent): Promise<void> {
    const { ID: id = "", Attributes: attributes = {} } = event.Actor ?? {};
    const at = Math.round((event.timeNano ?? Date.now() * 1e6) / 1e6);
    const ref = refOf(attributes, attributes["name"] ?? "");
    if (ref === undefined) return;
    switch (event.Action) {
      case "oom":
        this.#outOfMemory.set(id, at);
        return;
      case "die":
      case "died": {
        const exitCode = Number(attributes["exitCode"] ?? attributes["containerExitCode"]);
        const oomKilled = exitCode === KILLED && (await this.#wasOutOfMemory(id, at, attributes));
        this.#outOfMemory.delete(id);
        this.#tell(id, { kind: "exited", ref, exit: { exitCode, oomKilled, finishedAt: at } });
        return;
      }
      case "destroy":
      case "remove":
        this.#tell(id, { kind: "removed", ref });
        return;
      case "pause":
        this.#tell(id, { kind: "paused", ref });
        return;
      case "start":
        this.#tell(id, { kind: "appeared", ref });
        return;
      default: // nothing that matters here
    }
  }

  #tell(containerId: string, notice: RuntimeNotice): void {
    this.#parts.gate.pass(containerId, notice, (passed) => {
      if (!this.#isClosed()) this.#onNotice(passed);
    });
  }

  /**
   * Docker says so in an event of its own, shortly before. Podman has to be asked; Docker is not, since it answers only
   * once it has cleared up, which takes as long as all the rest.
   */
  async #wasOutOfMemory(id: string, at: number, attributes: Labels): Promise<boolean> {
    if (!(PODMAN_ATTRIBUTE in attributes)) return at - (this.#outOfMemory.get(id) ?? -Infinity) < OOM_TO_DEATH_MS;
    try {
      return (await this.#parts.containers.inspect(id))?.State.OOMKilled ?? false;
    } catch (error) {
      this.#parts.logger?.warn({ err: error }, "cannot ask why a container was killed");
      return false;
    }
  }
}
