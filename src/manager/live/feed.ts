/**
 * The live feed: tells everyone who looks at the dashboard what the cluster is like, and then what changes.
 *
 * Ten times a second what is new leaves as one frame, written once for all readers. A reader who comes is told
 * everything first, piece by piece and no faster than it reads; the changes meanwhile come in between, in the order in
 * which things were read. While nobody reads, nothing is gathered but counts.
 */
import type { LiveFrame, LiveTotals } from "../../api/live-json.ts";
import { isFinal } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import type { Effects } from "../core/events.ts";
import type { ManagerState } from "../core/state.ts";
import type { ManagedNode } from "../core/managed-node.ts";
import { Changes } from "./changes.ts";
import { FrameWriter, type FrameHead, SpecNumbers } from "./frame-writer.ts";
import { Rates } from "./rates.ts";
import { Reader } from "./reader.ts";

/** A frame of changes leaves this often while somebody reads. */
const EVERY_MS = 100;
/** Without changes, one leaves this often all the same, to show that the manager is there. */
const SIGN_OF_LIFE_MS = 1000;
/** Rows in one frame, the others wait for the next: some milliseconds. */
const MOST_ROWS = 5000;
/** So many of the tasks that ended last are told of. */
const MOST_ENDED = 200;

export interface LiveFeedOptions {
  /** Reads the core's tables when all that is in them is committed. */
  readonly read: <T>(from: (state: ManagerState) => T) => Promise<T>;
  /** The wall clock, milliseconds. */
  readonly now: () => number;
  /** Rows in one frame, about. */
  readonly mostRows?: number;
}

/** How far a snapshot has come. Tables may change while they are walked through. */
interface Walk {
  readonly nodes: Iterator<ManagedNode>;
  readonly tasks: Iterator<Task>;
}

export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #readers = new Set<Reader>();
  readonly #mostRows: number;
  readonly #changes: Changes;
  readonly #rates: Rates;
  readonly #specNumbers = new SpecNumbers();
  #ended: Task[] = [];
  #rev = 0;
  #sentMs = 0;
  #totals = "";
  #ratesMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#mostRows = options.mostRows ?? MOST_ROWS;
    this.#changes = new Changes(this.#mostRows);
    this.#rates = new Rates(options.now());
  }

  /** Takes in what a committed step did. */
  observe({ events, touched }: Pick<Effects, "events" | "touched">): void {
    this.#rates.take({ events, touched }, this.#options.now());
    for (const task of touched.tasks.values()) if (isFinal(task.state)) this.#ended.push(task);
    if (this.#ended.length > 2 * MOST_ENDED) this.#ended = this.#ended.slice(-MOST_ENDED);
    if (this.#readers.size > 0) this.#changes.observe(touched);
  }

  /** The bytes of frames as server-sent events, until the signal ends them or the reader has fallen too far behind. */
  async *listen(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const reader = new Reader();
    const end = (): void => reader.end();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      yield* this.#framesFor(reader);
    } finally {
      signal.removeEventListener("abort", end);
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#rest();
    }
  }

  /** The core was built anew, so that what was told is void: readers are let go, and come again. */
  reset(): void {
    for (const reader of this.#readers) reader.end();
    this.#rest();
  }

  async *#framesFor(reader: Reader): AsyncGenerator<Uint8Array> {
    const walk = await this.#options.read((state) => this.#welcome(reader, state));
    for (let isOver = false; !isOver && !reader.isOver;) {
      yield* reader.take();
      isOver = await this.#options.read((state) => this.#goOn(reader, walk, state));
    }
    yield* reader.rest();
  }

  #welcome(reader: Reader, state: ManagerState): Walk {
    if (this.#readers.size === 0) this.#begin(state);
    else this.#tell(state);
    this.#readers.add(reader);
    const expected = { nodes: state.nodes.size, tasks: state.tasks.size };
    const writer = this.#writer({ snapshot: "begin", expected });
    for (const task of this.#ended.slice(-MOST_ENDED)) writer.tasks.push(this.#changes.row(task, state));
    for (const [spec, reason] of this.#changes.waits) writer.waits.push({ spec, reason });
    const rates = this.#rates.since(0, this.#options.now()).filter(({ at }) => at <= this.#ratesMs);
    reader.push(encode(writer.frame({ totals: totalsOf(state), rates })));
    return { nodes: state.nodes.values(), tasks: state.tasks.values() };
  }

  /** Puts in the next piece of the snapshot; true when it was the last. */
  #goOn(reader: Reader, walk: Walk, state: ManagerState): boolean {
    // First what is new, so that every node in the piece is known as it is told of.
    this.#tell(state);
    const writer = this.#writer({ snapshot: "part" });
    const isOver = this.#fill(writer, walk, state);
    reader.push(encode(writer.frame()));
    if (isOver) reader.push(encode(this.#writer({ snapshot: "end" }).frame()));
    return isOver;
  }

  #fill(writer: FrameWriter, walk: Walk, state: ManagerState): boolean {
    while (writer.rows < this.#mostRows) {
      const node = walk.nodes.next();
      if (node.done === true) break;
      const image = this.#changes.imageOf(node.value);
      if (image !== undefined) writer.nodes.push({ n: node.value.joined, image });
    }
    while (writer.rows < this.#mostRows) {
      const task = walk.tasks.next();
      if (task.done === true) return true;
      writer.tasks.push(this.#changes.row(task.value, state));
    }
    return false;
  }

  #begin(state: ManagerState): void {
    this.#changes.begin(state);
    this.#totals = JSON.stringify(totalsOf(state));
    this.#ratesMs = this.#rates.since(0, this.#options.now()).at(-1)?.at ?? 0;
    this.#again();
  }

  /** Nobody reads. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changes.forget();
  }

  #again(): void {
    const timer = setTimeout(() => {
      void this.#options.read((state) => {
        if (this.#timer !== timer) return; // nobody reads any more
        this.#tell(state);
        this.#again();
      });
    }, EVERY_MS);
    this.#timer = timer;
  }

  /** Tells all readers what is new. */
  #tell(state: ManagerState): void {
    const now = this.#options.now();
    const writer = this.#writer({}, this.#rev + 1);
    const forgotten = this.#changes.write(writer, state);
    const totals = totalsOf(state);
    const totalsText = JSON.stringify(totals);
    const rates = this.#rates.since(this.#ratesMs, now);
    const frame = writer.frame({
      ...(forgotten.length > 0 ? { forgotten: [...forgotten] } : {}),
      ...(totalsText === this.#totals ? {} : { totals }),
      ...(rates.length > 0 ? { rates: [...rates] } : {}),
    });
    this.#totals = totalsText;
    this.#ratesMs = rates.at(-1)?.at ?? this.#ratesMs;
    const hasNews = Object.keys(frame).length > HEAD_KEYS;
    if (!hasNews && now - this.#sentMs < SIGN_OF_LIFE_MS) return;
    this.#sentMs = now;
    this.#rev += 1;
    const bytes = encode(frame);
    for (const reader of this.#readers) reader.push(bytes);
  }

  #writer(head: Pick<FrameHead, "snapshot" | "expected">, rev = this.#rev): FrameWriter {
    return new FrameWriter({ rev, at: this.#options.now(), ...head }, this.#specNumbers);
  }
}

/** `rev` and `at`. */
const HEAD_KEYS = 2;

function totalsOf({ counts, scheduler, brake }: ManagerState): LiveTotals {
  const { pending, scheduled, running, completed, failed } = counts;
  return {
    tasks: { pending, scheduled, running, completed, failed },
    scheduler: scheduler.name,
    brake: brake === undefined ? null : { since: Math.round(brake.since), reason: brake.reason },
  };
}

function encode(frame: LiveFrame): Uint8Array {
  return Buffer.from(`data: ${JSON.stringify(frame)}\n\n`);
}
