/**
 * Reading an instance's log (`output-log.ts` has its form) while it may still be written: from its beginning, its last
 * lines or a moment on, and, where asked to, along with it until the instance has ended. One block of a file is in memory
 * at a time and nothing is read ahead of whoever asks, so a slow reader costs nothing. A reader that follows and falls
 * behind by more than the log holds misses what was thrown away meanwhile.
 */
import { watch, type FSWatcher } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { LogOptions } from "../../../protocol/messages.ts";
import { OutputRuns } from "../output-runs.ts";
import type { LogChunk } from "../runtime.ts";
import { olderLog, STREAM_AT, TAG_AT, TEXT_AT, TIME_WIDTH, type OutputStream } from "./output-log.ts";

const BLOCK_BYTES = 65_536;
const LINE_FEED = 0x0a;
const TAG_WHOLE = 0x46;
const TAG_PART = 0x50;

export interface LogRequest {
  readonly path: string;
  readonly options: LogOptions;
  /** Ends the reading, without an error. */
  readonly signal: AbortSignal;
  /** Resolves once nothing will be written any more. */
  readonly ended: Promise<void>;
}

export async function* readLog({ path, options, signal, ended }: LogRequest): AsyncGenerator<LogChunk> {
  const rendering = new Rendering(options);
  for await (const block of readBlocks({ path, options, signal, ended })) {
    for (const chunk of rendering.render(block)) {
      if (signal.aborted) return;
      yield chunk;
    }
    if (signal.aborted) return;
  }
}

/** Whole records, from where the options say on. */
async function* readBlocks({ path, options, signal, ended }: LogRequest): AsyncGenerator<Buffer> {
  const { follow } = options;
  const changes = follow ? new Changes(dirname(path), signal, ended) : undefined;
  let file = await openFirst(path, options);
  try {
    while (file !== undefined) {
      // Asked before reading: what is written between the last read and the answer would be missed otherwise.
      const isLast = changes?.isOver ?? true;
      const isFull = (await inodeOf(path)) !== file.inode;
      const limit = follow ? Infinity : await file.size();
      for (let block = await file.read(limit); block.length > 0; block = await file.read(limit)) yield block;
      const next: LogFile | undefined = isFull ? await openNext(path, file.inode) : undefined;
      if (next !== undefined) {
        await file.close();
        file = next;
      } else if (isLast || signal.aborted) return;
      else await changes?.next();
    }
  } finally {
    changes?.close();
    await file?.close();
  }
}

/** Waits for something to be written to the directory, or for the end of it all. A change that nobody waited for is kept. */
class Changes {
  /** Nothing will be written any more, or nobody wants to know. */
  isOver = false;
  readonly #watcher: FSWatcher;
  readonly #signal: AbortSignal;
  #isPending = false;
  #wake: () => void = () => undefined;

  constructor(directory: string, signal: AbortSignal, ended: Promise<void>) {
    this.#watcher = watch(directory, { persistent: false }, this.#change).on("error", this.#change);
    this.#signal = signal;
    signal.addEventListener("abort", this.#end, { once: true });
    void ended.then(this.#end);
  }

  close(): void {
    this.#watcher.close();
    this.#signal.removeEventListener("abort", this.#end);
  }

  async next(): Promise<void> {
    if (!this.#isPending) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isPending = false;
  }

  readonly #change = (): void => {
    this.#isPending = true;
    this.#wake();
  };

  readonly #end = (): void => {
    this.isOver = true;
    this.#change();
  };
}

/** An open file of the log; it stays itself when it is renamed. */
class LogFile {
  readonly inode: number;
  readonly #handle: FileHandle;
  #offset = 0;
  /** Read into again and again: memory of their own for all blocks would keep the garbage collector busy. */
  #block: Buffer = Buffer.allocUnsafe(0);

  constructor(handle: FileHandle, inode: number) {
    this.#handle = handle;
    this.inode = inode;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** The next whole records that begin before the limit, until the next call; empty when there are none yet. */
  async read(limit: number): Promise<Buffer> {
    for (let length = BLOCK_BYTES; ; length *= 2) {
      if (this.#offset >= limit) return Buffer.alloc(0);
      if (this.#block.length < length) this.#block = Buffer.allocUnsafe(length);
      const block = await this.#readAt(this.#offset, this.#block.subarray(0, length));
      const end = block.lastIndexOf(LINE_FEED) + 1;
      this.#offset += end;
      if (end > 0 || block.length < length) return block.subarray(0, end);
    }
  }

  /** Goes to where the last `lines` lines of the chosen streams begin, and gives the number of lines that are missing. */
  async seekTail(lines: number, options: LogOptions): Promise<number> {
    let missing = lines;
    let rest: Buffer = Buffer.alloc(0);
    let isNewest = true;
    for (let from = await this.size(); from > 0;) {
      const length = Math.min(BLOCK_BYTES, from);
      from -= length;
      const block = Buffer.concat([await this.#readAt(from, Buffer.allocUnsafe(length)), rest]);
      let end = block.lastIndexOf(LINE_FEED) + 1;
      while (end > 0) {
        const start = end < 2 ? 0 : block.lastIndexOf(LINE_FEED, end - 2) + 1;
        // The record begins in the block before.
        if (start === 0 && from > 0) break;
        if (isChosen(block, { start, end }, options)) {
          // Seen from its end, a line begins with its last part; only the newest one may lack it.
          if (block[start + TAG_AT] === TAG_WHOLE || isNewest) missing -= 1;
          isNewest = false;
          if (missing < 0) {
            this.#offset = from + end;
            return 0;
          }
        }
        end = start;
      }
      rest = block.subarray(0, end);
    }
    return missing;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readAt(position: number, buffer: Buffer): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  }
}

/** Turns records into what was printed. */
class Rendering {
  readonly #options: LogOptions;
  readonly #since: Buffer | undefined;
  readonly #isLineStart: Record<OutputStream, boolean> = { stdout: true, stderr: true };

  constructor(options: LogOptions) {
    this.#options = options;
    this.#since = options.since === undefined ? undefined : Buffer.from(new Date(options.since).toISOString());
  }

  /** One chunk for each run of records of the same stream, made within the block. */
  render(block: Buffer): readonly LogChunk[] {
    const runs = new OutputRuns(block);
    for (let start = 0, end = 0; start < block.length; start = end) {
      end = block.indexOf(LINE_FEED, start) + 1;
      if (!isChosen(block, { start, end }, this.#options) || this.#isTooOld(block, start)) continue;
      const stream = streamAt(block, start);
      if (this.#options.timestamps && this.#isLineStart[stream]) runs.add(stream, start, start + STREAM_AT);
      const isWhole = block[start + TAG_AT] === TAG_WHOLE;
      this.#isLineStart[stream] = isWhole;
      runs.add(stream, start + TEXT_AT, isWhole ? end : end - 1);
    }
    return runs.chunks();
  }

  /** True for a record from before the time that was asked for. */
  #isTooOld(block: Buffer, start: number): boolean {
    if (this.#since === undefined) return false;
    return block.compare(this.#since, 0, TIME_WIDTH, start, start + TIME_WIDTH) < 0;
  }
}

/** Where a record lies in a block. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** True for a record of a stream that was asked for; false also for one that a full disk cut short. */
function isChosen(block: Buffer, { start, end }: Place, options: LogOptions): boolean {
  if (end - start <= TEXT_AT) return false;
  const tag = block[start + TAG_AT];
  return (tag === TAG_WHOLE || tag === TAG_PART) && options[streamAt(block, start)];
}

/** The stream of the record that begins there. The two names differ in their fourth letter. */
function streamAt(block: Buffer, start: number): OutputStream {
  return block[start + STREAM_AT + 3] === 0x65 ? "stderr" : "stdout";
}

async function openFirst(path: string, options: LogOptions): Promise<LogFile | undefined> {
  const newer = await openLog(path);
  const older = await openLog(olderLog(path));
  // Renamed between the two calls: one file under both names.
  const isOne = newer?.inode === older?.inode;
  const missing =
    options.tail === undefined ? Infinity : ((await newer?.seekTail(options.tail, options)) ?? options.tail);
  // While one is being renamed, which takes its time, there is only the older one.
  if (older === undefined || isOne || (missing === 0 && newer !== undefined)) {
    await older?.close();
    return newer;
  }
  await newer?.close();
  if (missing < Infinity) await older.seekTail(missing, options);
  return older;
}

/** The file that follows the one with this inode; the oldest there is when that one is gone; undefined when it is the newest. */
async function openNext(path: string, inode: number): Promise<LogFile | undefined> {
  const [older, newer] = [await inodeOf(olderLog(path)), await inodeOf(path)];
  if (newer === inode) return undefined;
  return older === inode || older === undefined ? openLog(path) : openLog(olderLog(path));
}

async function openLog(path: string): Promise<LogFile | undefined> {
  try {
    const handle = await open(path, "r");
    return new LogFile(handle, (await handle.stat()).ino);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
