/**
 * The file of a backup: one line of JSON that says what it is, then the database, compressed (gzip). It holds the cluster's
 * secrets as the store does, so only its owner can read it.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { FILE_MODE } from "../../store/data-directory.ts";
import { CommandError, messageOf } from "../errors.ts";

const KIND = "birdman-backup";
/** Raised when an older program could no longer read the file. */
const FORMAT = 1;
/** Longer than any first line is. Bytes. */
const HEADER_LIMIT = 4096;

export interface BackupHeader {
  readonly kind: typeof KIND;
  readonly format: number;
  /** Of the program that made it. */
  readonly version: string;
  readonly clusterId: string;
  /** Starts of a manager on the store so far. */
  readonly epoch: number;
  /** RFC 3339. */
  readonly takenAt: string;
  /** Of the database, uncompressed. */
  readonly bytes: number;
  readonly sha256: string;
}

/** What a backup says of itself, besides what is measured while it is written. */
export type BackupOrigin = Pick<BackupHeader, "version" | "clusterId" | "epoch" | "takenAt">;

/** Writes the backup of a database file that does not change meanwhile, and ends the stream. */
export async function writeBackup(
  database: string,
  origin: BackupOrigin,
  output: NodeJS.WritableStream,
): Promise<BackupHeader> {
  const sha256 = await digestOf(database);
  const header: BackupHeader = { kind: KIND, format: FORMAT, ...origin, bytes: statSync(database).size, sha256 };
  output.write(`${JSON.stringify(header)}\n`);
  await pipeline(createReadStream(database), createGzip(), output);
  return header;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * Writes the database of a backup to a new file, durably, and makes sure that it is the very one that was backed up.
 * Rejects with a CommandError; what is in the new file then is of no use.
 */
export async function extractBackup(file: string, database: string): Promise<BackupHeader> {
  const { header, length } = await readHeader(file);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    await pipeline(
      createReadStream(file, { start: length }),
      createGunzip(),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(database, { flags: "wx", mode: FILE_MODE, flush: true }),
    );
  } catch (error) {
    if (isOfZlib(error)) throw damaged(file, messageOf(error));
    throw new CommandError(`cannot unpack ${file} to ${database}: ${messageOf(error)}`, { cause: error });
  }
  if (bytes !== header.bytes) throw damaged(file, `${String(bytes)} bytes instead of ${String(header.bytes)}`);
  if (hash.digest("hex") !== header.sha256) throw damaged(file, "its checksum is another one");
  return header;
}

async function readHeader(file: string): Promise<{ header: BackupHeader; length: number }> {
  const start = await readStart(file);
  const end = start.indexOf("\n");
  const header = end === -1 ? undefined : parseHeader(start.subarray(0, end).toString());
  if (header === undefined) throw new CommandError(`${file} is no backup of Birdman's, or its beginning is lost`);
  if (header.format > FORMAT) {
    throw new CommandError(`${file} was made by a newer Birdman (${header.version}): restore it with that version`);
  }
  return { header, length: end + 1 };
}

async function readStart(file: string): Promise<Buffer> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(file, { end: HEADER_LIMIT - 1 })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch (error) {
    throw new CommandError(`cannot read the backup: ${messageOf(error)}`, { cause: error });
  }
}

function parseHeader(text: string): BackupHeader | undefined {
  try {
    const header = JSON.parse(text) as Partial<BackupHeader> | null;
    return header?.kind === KIND && typeof header.format === "number" ? (header as BackupHeader) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(Z_|ERR_.*PREMATURE)/.test(String(error.code));
}

function damaged(file: string, how: string): CommandError {
  return new CommandError(`${file} is damaged (${how}): use another backup`);
}
