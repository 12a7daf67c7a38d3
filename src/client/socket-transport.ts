/** How a conversation with the server is carried, where a request and its answer are not enough. Handed in like `Transport`. */
export interface MessageSocket {
  /** Resolves once there is room for more. */
  readonly send: (message: string | Uint8Array) => Promise<void>;
  /** Text and bytes as they come; ends when the server closes. Fails with a ClientError when the connection breaks. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  readonly close: () => void;
}

export interface SocketRequest {
  /** From the server's root. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves when the connection is made. Rejects with a ClientError, or with the signal's reason. */
export type SocketTransport = (request: SocketRequest) => Promise<MessageSocket>;
