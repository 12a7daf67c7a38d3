/** A container's output: streamed, and read from the engine no faster than the reader takes it. */
import type { LogOptions } from "../../../protocol/messages.ts";
import type { LogChunk } from "../runtime.ts";
import type { Containers } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { OutputFrames } from "./output-frames.ts";

export interface LogRequest {
  /** The container's name or id. */
  readonly container: string;
  readonly hasTerminal: boolean;
  readonly options: LogOptions;
}

/** Ends when all is read, and quietly when the signal says so. Rejects when the engine breaks off. */
export async function* containerLogs(
  { engine, containers }: { readonly engine: Engine; readonly containers: Containers },
  { container, hasTerminal, options }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogChunk, void, undefined> {
  // The client library streams when `follow` is set, and would otherwise gather all in memory; the engine reads `_query`.
  const request = { follow: true as const, _query: queryOf(options) };
  try {
    const stream = await engine.open(
      { what: `the output of ${container}` },
      (abortSignal) => containers.handle(container).logs({ ...request, abortSignal }),
      signal,
    );
    const frames = new OutputFrames({ isFramed: !hasTerminal });
    for await (const bytes of stream as AsyncIterable<Buffer>) yield* frames.push(bytes);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function queryOf({ follow, tail, since, timestamps, stdout, stderr }: LogOptions): Record<string, string> {
  return {
    follow: String(follow),
    stdout: String(stdout),
    stderr: String(stderr),
    timestamps: String(timestamps),
    tail: tail === undefined ? "all" : String(tail),
    ...(since === undefined ? {} : { since: (since / 1000).toFixed(3) }),
  };
}
