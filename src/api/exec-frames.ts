/**
 * What passes over the connection of an exec (`GET /tasks/{id}/exec`, a WebSocket), from the client to the worker and
 * back; the manager in between passes it on as it is.
 *
 * Text messages are orders and news in JSON. Binary messages from the client are input; those to the client are output,
 * with a first byte that says which: 1 standard output, 2 standard error. With a terminal there is standard output alone.
 */
import type { ExecOrder } from "./exec-order.ts";

/** The last message to the client: how it ended, or why it could not be run. */
export type ExecNews =
  { readonly kind: "exited"; readonly exitCode: number } | { readonly kind: "failed"; readonly detail: string };

export function encodeExecOrder(order: ExecOrder): string {
  return JSON.stringify(order);
}

/** Undefined for what is no news. */
export function decodeExecNews(text: string): ExecNews | undefined {
  const value = parse(text);
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  if (value.kind === "exited" && "exitCode" in value) return { kind: "exited", exitCode: Number(value.exitCode) };
  if (value.kind === "failed" && "detail" in value) return { kind: "failed", detail: String(value.detail) };
  return undefined;
}

const STREAMS = ["stdout", "stderr"] as const;

export interface ExecOutput {
  readonly stream: (typeof STREAMS)[number];
  readonly data: Uint8Array;
}

export function encodeExecOutput({ stream, data }: ExecOutput): Uint8Array {
  const message = new Uint8Array(data.length + 1);
  message[0] = STREAMS.indexOf(stream) + 1;
  message.set(data, 1);
  return message;
}

export function decodeExecOutput(message: Uint8Array): ExecOutput | undefined {
  const stream = STREAMS[(message[0] ?? 0) - 1];
  return stream === undefined ? undefined : { stream, data: message.subarray(1) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
