/** How a request reaches the server: handed to the client, so that the same client works in Node and in a browser. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With the query, from the server's root: `/tasks?limit=10`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface TransportResponse {
  /** Where it came from, for errors. */
  readonly url: string;
  readonly status: number;
  /** The value of a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** To be read to its end or left with `return`, which closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Resolves when the head of the response is there. Rejects with a ClientError, or with the signal's reason. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
