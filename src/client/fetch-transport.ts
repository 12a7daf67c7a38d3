/** The transport of browsers, and of anything else that has `fetch`. */
import { ClientError } from "./client-error.ts";
import type { Transport } from "./transport.ts";

/** `base` is the server's root: empty in a page that the manager itself serves. */
export function fetchTransport(base: string): Transport {
  return async ({ method, path, headers, body, signal }) => {
    let response: Response;
    try {
      response = await fetch(base.replace(/\/$/, "") + path, {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new ClientError("refused", `cannot reach ${base === "" ? "the server" : base}`, { cause: error });
    }
    return {
      url: response.url,
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: response.body === null ? empty() : chunksOf(response.body, signal),
    };
  };
}

async function* empty(): AsyncGenerator<Uint8Array> {
  // A response without a body has no chunks.
}

/** Not every browser iterates over a stream by itself. */
async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new ClientError("connection_lost", "the connection was lost", { cause: error });
  } finally {
    // Whoever stops reading early closes the connection; one that is lost cannot be closed, and has been told of.
    await Promise.allSettled([reader.cancel()]);
  }
}
