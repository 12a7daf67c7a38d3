/** The live feed on a workbench: a core whose workers are played by hand, and readers who read when they are told to. */
import { Compile } from "typebox/compile";
import { type LiveFrame, LiveFrameSchema } from "../../src/api/live-json.ts";
import type { Effects, ManagerEvent } from "../../src/manager/core/events.ts";
import { LiveFeed } from "../../src/manager/live/feed.ts";
import { assert } from "../../src/utils/assert.ts";
import { Cluster } from "../../web/src/live/cluster.ts";
import { CoreBench } from "./core-bench.ts";

const frameSchema = Compile(LiveFrameSchema);

/** A frame of the feed's bytes; throws when it is not as the schema says. */
export function frameOf(bytes: Uint8Array): LiveFrame {
  const text = new TextDecoder().decode(bytes);
  const frame: unknown = JSON.parse(text.replace(/^data: /, ""));
  assert(frameSchema.Check(frame), `no frame: ${text.slice(0, 300)}`);
  return frame;
}

export class LiveBench extends CoreBench {
  readonly feed: LiveFeed;

  /** Frames have about so many rows. */
  constructor(mostRows: number) {
    super({ settings: { sliceTasks: 6 } });
    this.feed = new LiveFeed({
      read: async (from) => from(this.core.state),
      now: () => this.wall,
      mostRows,
    });
  }

  override step(...events: ManagerEvent[]): Effects {
    const effects = super.step(...events);
    this.feed.observe(effects);
    return effects;
  }

  /** As after a commit that failed. */
  override restart(): void {
    super.restart();
    this.feed.reset();
  }
}

/** One who keeps a cluster of its own up to date. */
export class BenchReader {
  readonly cluster = new Cluster();
  readonly frames: LiveFrame[] = [];
  readonly #feed: LiveFeed;
  #gone = new AbortController();
  #stream: AsyncGenerator<Uint8Array>;
  #next: Promise<IteratorResult<Uint8Array, void>> | undefined;

  constructor(feed: LiveFeed) {
    this.#feed = feed;
    this.#stream = feed.listen(this.#gone.signal);
  }

  /** Takes what there is to read now, so many frames at most; connects again where the feed has let it go. */
  async read(most = Number.POSITIVE_INFINITY): Promise<void> {
    for (let count = 0; count < most; count += 1) {
      this.#next ??= this.#stream.next();
      const result = await Promise.race([this.#next, afterOthers()]);
      if (result === undefined) return;
      this.#next = undefined;
      if (result.done === true) this.connect();
      else this.#take(frameOf(result.value));
    }
  }

  /** Hangs up, and comes again. */
  connect(): void {
    this.hangUp();
    this.#gone = new AbortController();
    this.#stream = this.#feed.listen(this.#gone.signal);
    this.#next = undefined;
  }

  hangUp(): void {
    this.#gone.abort();
    void this.#stream.return(undefined);
  }

  #take(frame: LiveFrame): void {
    this.frames.push(frame);
    if (!this.cluster.take(frame)) throw new Error(`missed something before ${String(frame.rev)}`);
  }
}

/** Everything that is ready has had its turn. */
function afterOthers(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(() => resolve(undefined)));
  });
}
