/** The disk under a data directory: whether it may be written, what it is, how much room it has, how soon it has written. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.ts";
import { formatBytes } from "../format.ts";
import { failure, warning, well, type Finding } from "./finding.ts";

const MIB = 2 ** 20;
const LITTLE_ROOM_BYTES = 1024 * MIB;
const NO_ROOM_BYTES = 64 * MIB;

/** So many small writes are timed. */
const WRITES = 20;
const WRITE_BYTES = 4096;
/** A commit waits for this, and every answer to a request that changes something waits for a commit. */
const SLOW_MS = 25;
/** Heartbeats would wait too long for each other. */
const TOO_SLOW_MS = 500;

/** Of `statfs`: file systems that are no place for a store, by their numbers in Linux' `magic.h`. */
const NETWORK = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
]);
const TEMPORARY = new Map([
  [0x01021994, "memory (tmpfs)"],
  [0x794c7630, "the container's own layer (overlay)"],
]);

/** `what`: whose directory it is, `manager` or `worker`. */
export function checkDataDirectory(what: string, directory: string): readonly Finding[] {
  const name = `${what} data`;
  const place = nearestExisting(directory);
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return [permissions(name, directory, place), fileSystem(name, place), room(name, place), ...writing(name, place)];
  } catch (error) {
    const remedy =
      "Run this as the user that runs Birdman; give that user the right to write there; or name another one with --data-dir.";
    return [failure(name, `${place} cannot be used (${messageOf(error)})`, remedy)];
  }
}

function permissions(name: string, directory: string, place: string): Finding {
  if (place !== directory) return well(name, `${directory} is not there yet and can be made`);
  const mode = statSync(directory).mode & 0o777;
  if ((mode & 0o077) === 0) return well(name, `${directory} can be written`);
  return warning(
    name,
    `${directory} is open to others (mode ${mode.toString(8)}), and holds secrets`,
    `chmod 700 ${directory}`,
  );
}

function fileSystem(name: string, place: string): Finding {
  const { type } = statfsSync(place);
  const check = `${name}: file system`;
  const network = NETWORK.get(type);
  if (network !== undefined) {
    return failure(
      check,
      `${place} is on ${network}`,
      "Use a disk of this machine: locks and syncs over a network lose data.",
    );
  }
  const temporary = TEMPORARY.get(type);
  if (temporary === undefined) return well(check, "a disk of this machine");
  return warning(
    check,
    `${place} is in ${temporary} and goes with it`,
    "Name a lasting place with --data-dir, such as a mounted volume.",
  );
}

function room(name: string, place: string): Finding {
  const { bavail, bsize, blocks } = statfsSync(place);
  const free = bavail * bsize;
  const check = `${name}: room`;
  const detail = `${formatBytes(free)} free of ${formatBytes(blocks * bsize)}`;
  const remedy = `Free some space on the disk of ${place}.`;
  if (free < NO_ROOM_BYTES) return failure(check, detail, remedy);
  return free < LITTLE_ROOM_BYTES ? warning(check, detail, remedy) : well(check, detail);
}

/** How long it takes until a small write is on disk. */
function writing(name: string, place: string): readonly Finding[] {
  const check = `${name}: fsync`;
  const times = timeWrites(place).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const detail = `${median.toFixed(1)} ms (median of ${String(times.length)}), ${(times.at(-1) ?? 0).toFixed(1)} ms at most`;
  const remedy =
    "Put the data directory on a faster disk (an SSD), or on one with less to do: every change waits for this.";
  if (median > TOO_SLOW_MS) return [failure(check, detail, remedy)];
  return [median > SLOW_MS ? warning(check, detail, remedy) : well(check, detail)];
}

/** Milliseconds each. */
function timeWrites(place: string): number[] {
  const folder = mkdtempSync(join(place, "doctor-"));
  try {
    const descriptor = openSync(join(folder, "fsync"), "w", 0o600);
    try {
      return Array.from({ length: WRITES }, () => {
        const begin = performance.now();
        writeSync(descriptor, Buffer.alloc(WRITE_BYTES, 1));
        fsyncSync(descriptor);
        return performance.now() - begin;
      });
    } finally {
      closeSync(descriptor);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function nearestExisting(directory: string): string {
  return existsSync(directory) ? directory : nearestExisting(dirname(directory));
}
