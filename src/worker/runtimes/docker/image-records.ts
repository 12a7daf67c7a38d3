/**
 * The images that this worker pulled, and when each was last used: what it may remove again one day. Kept in a file that is
 * written whole and renamed into place. An image that was there before, or that somebody else brought, is not in it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface ImageRecord {
  /** The engine's id: the name may come to mean another image. */
  readonly id: string;
  /** As the task named it. */
  readonly name: string;
  /** Wall clock, milliseconds. */
  readonly lastUsedAt: number;
}

/** Uses are written down no more often than this, in milliseconds: days matter. */
const COARSE_MS = 3_600_000;

export class ImageRecords {
  readonly #path: string;
  readonly #records = new Map<string, ImageRecord>();

  /** Reads the file if there is one. One that cannot be understood is as none: images are then kept, not lost. */
  constructor(path: string) {
    this.#path = path;
    for (const record of read(path)) this.#records.set(record.id, record);
  }

  /** Those that have not been used for the longest first. */
  get leastRecentFirst(): readonly ImageRecord[] {
    return [...this.#records.values()].sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  }

  pulled(id: string, name: string, at: number): void {
    this.#records.set(id, { id, name, lastUsedAt: at });
    this.#write();
  }

  /** The images of this id or name are used now. */
  used(idOrName: string, at: number): void {
    for (const record of this.#records.values()) {
      if (record.id !== idOrName && record.name !== idOrName) continue;
      this.#records.set(record.id, { ...record, lastUsedAt: at });
      if (at - record.lastUsedAt > COARSE_MS) this.#write();
    }
  }

  forget(id: string): void {
    if (this.#records.delete(id)) this.#write();
  }

  #write(): void {
    const unfinished = `${this.#path}.new`;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(unfinished, JSON.stringify([...this.#records.values()]), { mode: 0o600 });
    renameSync(unfinished, this.#path);
  }
}

function read(path: string): ImageRecord[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(value) ? value.filter(isRecord) : [];
  } catch (error) {
    const isNone =
      error instanceof SyntaxError || (error instanceof Error && "code" in error && error.code === "ENOENT");
    if (isNone) return [];
    throw error;
  }
}

function isRecord(value: unknown): value is ImageRecord {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, lastUsedAt } = value as Partial<Record<keyof ImageRecord, unknown>>;
  return typeof id === "string" && typeof name === "string" && typeof lastUsedAt === "number";
}
