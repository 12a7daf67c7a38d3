/**
 * Keeps a cluster up to date: connects, takes frames in, notices when none come any more, and connects again. What is
 * shown stays meanwhile, and says how old it is.
 */
import type { LiveFrame } from "../../../src/api/live-json.ts";
import { ClientError } from "../../../src/client/client-error.ts";
import type { Cluster } from "./cluster.ts";
import type { Connection } from "./values.ts";

/** What it needs of the client. */
export interface LiveSource {
  live(options: { readonly signal: AbortSignal }): AsyncIterable<LiveFrame>;
}

/** The manager sends something every second: what is silent for so long is gone, or cut off. */
const SILENCE_MS = 5000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5000;

export interface ConnectionOptions {
  readonly cluster: Cluster;
  readonly source: LiveSource;
  readonly changed: (connection: Connection) => void;
  readonly random?: () => number;
}

/** Runs until the signal, or until the manager refuses this client. */
export async function keepLive(options: ConnectionOptions, signal: AbortSignal): Promise<void> {
  const { cluster, changed, random = Math.random } = options;
  let failures = 0;
  if (!cluster.isComplete) changed({ phase: "connecting" });
  while (!isOver(signal)) {
    let problem = "the connection to the manager was lost";
    try {
      await readAll(options, signal, () => (failures = 0));
    } catch (error) {
      if (isOver(signal)) return;
      if (error instanceof ClientError && (error.code === "unauthorized" || error.code === "scope_missing")) {
        changed({ phase: "refused", problem: error.message, code: error.code });
        return;
      }
      problem = error instanceof Error ? error.message : String(error);
    }
    if (cluster.isComplete) changed({ phase: "stale", since: Date.now(), problem });
    await pause(random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures), signal);
    failures += 1;
  }
}

async function readAll({ cluster, source, changed }: ConnectionOptions, signal: AbortSignal, connected: () => void) {
  const silence = new AbortController();
  const fallSilent = (): void => silence.abort(new Error("the manager has not been heard for some seconds"));
  let timer = setTimeout(fallSilent, SILENCE_MS);
  try {
    for await (const frame of source.live({ signal: AbortSignal.any([signal, silence.signal]) })) {
      clearTimeout(timer);
      timer = setTimeout(fallSilent, SILENCE_MS);
      if (!cluster.take(frame)) throw new Error("something was missed on the way");
      if (frame.snapshot === "end") {
        connected();
        performance.mark("birdman:live");
        changed({ phase: "live" });
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

function isOver({ aborted }: AbortSignal): boolean {
  return aborted;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
