/**
 * Removes images that this worker pulled and nobody uses any more: those unused for long, and, while the engine's disk is
 * too full, those unused for the longest first. It never removes one that a container uses, of whichever worker, nor one
 * that somebody gave another name, and it never forces anything.
 */
import { statfs } from "node:fs/promises";
import type { Logger } from "pino";
import { formatDuration } from "../../../utils/durations.ts";
import { EngineError, hasStatus } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import type { ImageRecord, ImageRecords } from "./image-records.ts";

const EVERY_MS = 60_000;

export interface ImageSettings {
  /** An image is kept so long after its last use, in milliseconds. */
  readonly keepMs: number;
  /** The disk is too full when more than this share of it is in use, and until less than `diskLow` is. Fractions of one. */
  readonly diskHigh: number;
  readonly diskLow: number;
  /** So long after its last use, in milliseconds, an image is kept even then: a start may be about to use it. */
  readonly youngMs?: number;
}

/** Enough for a start between its pull and its container. */
const DEFAULT_YOUNG_MS = 10 * 60_000;

export interface CollectorParts {
  readonly engine: Engine;
  readonly records: ImageRecords;
  readonly settings: ImageSettings;
  readonly logger: Logger | undefined;
}

export class ImageCollector {
  readonly #parts: CollectorParts;
  #timer: NodeJS.Timeout | undefined;
  #dataRoot: string | undefined;
  #isCrowded = false;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** Collects now and then until it is closed; says when the disk begins to be too full, and when it no longer is. */
  open(onCrowded: (isCrowded: boolean) => void): void {
    if (this.#timer !== undefined) return;
    let isCollecting = false;
    const pass = async (): Promise<void> => {
      if (isCollecting) return;
      isCollecting = true;
      const before = this.#isCrowded;
      await this.collect(Date.now()).catch((error: unknown) => {
        // Tried again the next time; whether the engine answers is watched elsewhere.
        this.#parts.logger?.warn({ err: error }, "cannot look after images");
      });
      isCollecting = false;
      if (this.#isCrowded !== before) onCrowded(this.#isCrowded);
    };
    this.#timer = setInterval(() => void pass(), EVERY_MS).unref();
    void pass();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One pass. `now`: wall clock, milliseconds. Rejects with an EngineError. */
  async collect(now: number): Promise<void> {
    const { records, settings } = this.#parts;
    const { keepMs, youngMs = DEFAULT_YOUNG_MS } = settings;
    this.#noteFullness(await this.#fullness());
    const used = await this.#imagesInUse();
    for (const id of used) records.used(id, now);
    for (const record of records.leastRecentFirst) {
      if (used.has(record.id)) continue;
      const unusedMs = now - record.lastUsedAt;
      if (unusedMs > keepMs) {
        await this.#remove(record, `unused for ${formatDuration(unusedMs)}`);
      } else if (this.#isCrowded && unusedMs > youngMs) {
        await this.#remove(record, "the engine's disk is too full");
        this.#noteFullness(await this.#fullness());
      }
    }
  }

  /** Of containers of whichever worker, running or not. */
  async #imagesInUse(): Promise<ReadonlySet<string>> {
    const { engine, records } = this.#parts;
    if (records.leastRecentFirst.length === 0) return new Set();
    const listed = await engine.call({ what: "the list of all containers" }, (abortSignal) =>
      engine.docker.listContainers({ all: true, abortSignal }),
    );
    return new Set(listed.map(({ ImageID }) => (ImageID.includes(":") ? ImageID : `sha256:${ImageID}`)));
  }

  async #remove({ id, name }: ImageRecord, why: string): Promise<void> {
    const { engine, logger, records } = this.#parts;
    try {
      await engine.call({ what: `the removal of image ${name}` }, (abortSignal) =>
        engine.docker.getImage(id).remove({ force: false, abortSignal }),
      );
      logger?.info({ image: name }, `removed image ${name}: ${why}`);
    } catch (error) {
      // A container was made of it just now: it stays ours.
      if (hasStatus(error, 409) && /container/.test(String(error))) return;
      if (!(error instanceof EngineError) || error.reason !== "answered") throw error;
      if (!hasStatus(error, 404)) logger?.info({ image: name }, `image ${name} is left alone: ${error.message}`);
    }
    records.forget(id);
  }

  #noteFullness(share: number | undefined): void {
    const { logger, settings } = this.#parts;
    if (share === undefined) return;
    const before = this.#isCrowded;
    this.#isCrowded = share > (before ? settings.diskLow : settings.diskHigh);
    if (this.#isCrowded === before) return;
    const percent = `${String(Math.round(share * 100))} %`;
    if (before) logger?.info(`the engine's disk has room again: ${percent} in use`);
    else logger?.warn(`the engine's disk is too full: ${percent} in use; images that are not needed are removed`);
  }

  /** The share of the disk with the engine's data that is in use; undefined where this machine cannot see it. */
  async #fullness(): Promise<number | undefined> {
    const { engine } = this.#parts;
    if (!engine.isLocal) return undefined;
    this.#dataRoot ??= await this.#askForDataRoot();
    try {
      const { blocks, bfree, bavail } = await statfs(this.#dataRoot);
      const used = blocks - bfree;
      return used + bavail === 0 ? undefined : used / (used + bavail);
    } catch (error) {
      // The engine runs in a virtual machine, or its data is not ours to look at.
      if (error instanceof Error && "code" in error) return undefined;
      throw error;
    }
  }

  async #askForDataRoot(): Promise<string> {
    const { engine } = this.#parts;
    const { DockerRootDir: root } = (await engine.call({ what: "its data directory" }, () => engine.docker.info())) as {
      readonly DockerRootDir: string;
    };
    return root;
  }
}
