/**
 * Streams that the manager asked for, each over a connection of its own: what a run prints, or a command that is run
 * inside it. They are sent as fast as they are read at the other end.
 */
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { WebSocket } from "ws";
import { encodeExecOutput, type ExecNews } from "../api/exec-frames.ts";
import { decodeExecOrder, type ExecOrder } from "../api/exec-order.ts";
import type { LogOptions } from "../protocol/messages.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { Log } from "../utils/log.ts";
import { dial, type ManagerAddress } from "./connection.ts";
import type { Command, Run } from "./core/events.ts";
import { ExecError, type Execution, type Runtime } from "./runtimes/runtime.ts";

export interface StreamParts {
  readonly manager: ManagerAddress;
  readonly runtimes: ReadonlyMap<RuntimeKind, Runtime>;
  readonly log: Log;
}

/** Output is sent in frames that are a part of what a socket reads at a time: the manager need not copy most of them. */
const FRAME_BYTES = 16_384;

/** Never rejects: what goes wrong is told at the other end, or is in the log. */
export async function sendStream(
  { manager, runtimes, log }: StreamParts,
  { stream, run, runtime: kind, what }: Extract<Command, { kind: "stream" }>,
): Promise<void> {
  const runtime = runtimes.get(kind);
  if (runtime === undefined) return;
  const gone = new AbortController();
  const socket = dial(manager, `/node/streams/${stream}`);
  socket.on("close", () => gone.abort());
  socket.on("error", () => socket.terminate());
  try {
    const at = { runtime, run, socket, signal: gone.signal };
    if (what.kind === "logs") await sendLogs(at, what.options);
    else await serveExec(at);
  } catch (error) {
    if (!gone.signal.aborted) log.warn({ task: run.task }, `a stream was cut off: ${String(error)}`);
    // Not closed in good order: a part must not pass for the whole.
    socket.terminate();
  } finally {
    gone.abort();
  }
}

interface At {
  readonly runtime: Runtime;
  readonly run: Run;
  readonly socket: WebSocket;
  readonly signal: AbortSignal;
}

async function sendLogs({ runtime, run, socket, signal }: At, options: LogOptions): Promise<void> {
  await once(socket, "open", { signal });
  for await (const { data } of runtime.logs(run, options, signal)) {
    let sending = Promise.resolve();
    for (let at = 0; at < data.length; at += FRAME_BYTES) sending = sent(socket, data.subarray(at, at + FRAME_BYTES));
    await sending;
  }
  socket.close(1000);
}

/** The other end begins with what to run. Resolves when the connection is to be closed. */
async function serveExec({ runtime, run, socket, signal }: At): Promise<void> {
  const tell = (news: ExecNews): void => {
    socket.send(JSON.stringify(news));
    socket.close(1000);
  };
  const { promise: started, resolve: start } = Promise.withResolvers<Execution | undefined>();
  let orders = Promise.resolve();
  socket.on("message", (data: Buffer, isBinary) => {
    // One after the other; input that is not taken yet stops the reading of more.
    socket.pause();
    orders = orders
      .then(() => (isBinary ? input(data) : take(decodeExecOrder(data.toString()))))
      .catch((error: unknown) =>
        tell({ kind: "failed", detail: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => socket.resume());
  });

  let execution: Execution | undefined;
  async function take(order: ExecOrder | undefined): Promise<void> {
    if (order === undefined) throw new ExecError("the client sent what is no order");
    if (order.kind === "start") {
      if (execution !== undefined) throw new ExecError("the client sent a second start");
      execution = await runtime.attach(run, order.request, signal);
      execution.input.on("error", () => undefined); // it has ended and reads no more
      start(execution);
    } else if (order.kind === "resize") await execution?.resize(order.size);
    else if (order.kind === "signal") await execution?.signal(order.signal);
    else execution?.input.end();
  }
  async function input(data: Buffer): Promise<void> {
    if (execution !== undefined && execution.input.writable) await written(execution.input, data);
  }

  signal.addEventListener("abort", () => start(undefined), { once: true });
  const running = await started;
  if (running === undefined) return;
  for await (const chunk of running.output) await sent(socket, encodeExecOutput(chunk));
  tell({ kind: "exited", exitCode: await running.exitCode() });
}

/** Resolves when there is room for more, or there will never be. */
function sent(socket: WebSocket, message: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.send(message, () => resolve());
  });
}

/** Resolves when there is room for more, or there will never be. */
function written(to: Writable, data: Buffer): Promise<void> {
  return new Promise((resolve) => {
    to.write(data, () => resolve());
  });
}
