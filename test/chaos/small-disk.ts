/** A file system of its own with room for little, which can be filled up: a file, mounted as a disk. Needs root. */
import { execFile } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const BALLAST = "ballast";
const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 256 * BLOCK_BYTES;

export class SmallDisk {
  /** Where it is mounted. */
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes it and mounts it at a directory that does not exist yet. */
  static async mount(directory: string, mebibytes: number): Promise<SmallDisk> {
    const image = `${directory}.disk`;
    mkdirSync(directory, { recursive: true });
    await run("truncate", ["--size", `${String(mebibytes)}M`, image]);
    // Nothing kept back for root, or it would never be full.
    await run("mkfs.ext4", ["-q", "-m", "0", image]);
    await run("mount", ["-o", "loop", image, directory]);
    return new SmallDisk(directory);
  }

  /** Takes all the room that is left, down to the last block. */
  fill(): void {
    const file = openSync(join(this.directory, BALLAST), "a");
    try {
      for (const size of [CHUNK_BYTES, BLOCK_BYTES]) writeUntilFull(file, Buffer.alloc(size, 1));
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(join(this.directory, BALLAST), { force: true });
  }

  async unmount(): Promise<void> {
    await run("umount", [this.directory]);
  }
}

function writeUntilFull(file: number, piece: Buffer): void {
  try {
    while (writeSync(file, piece) > 0) continue;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
