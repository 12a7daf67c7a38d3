/** What a task prints and what is run inside it, from whichever node has it. The bytes pass the core by. */
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";
import type { LogOptions, StreamKind } from "../protocol/messages.ts";
import type { TaskId } from "../task/id.ts";
import { isFinal } from "../task/state.ts";
import type { Task } from "../task/task.ts";
import { lastLines } from "./last-lines.ts";
import type { ManagerLoop } from "./manager-loop.ts";
import type { ExecOutcome, LogOutcome } from "./service.ts";
import { WorkerStreams } from "./worker-streams.ts";

type Connected =
  | { readonly kind: "connected"; readonly socket: WebSocket }
  | { readonly kind: "unknown" }
  | { readonly kind: "unavailable"; readonly reason: string };

export class TaskStreams {
  readonly #loop: Pick<ManagerLoop, "ask" | "read">;
  readonly #workers = new WorkerStreams();

  constructor(loop: Pick<ManagerLoop, "ask" | "read">) {
    this.#loop = loop;
  }

  /** A worker has dialled for a stream that it was asked for. */
  open(stream: string, socket: WebSocket): void {
    this.#workers.open(stream, socket);
  }

  /** From the worker while it has the task; what an ended one printed last, from the store. */
  async logs(id: TaskId, options: LogOptions, signal: AbortSignal): Promise<LogOutcome> {
    const task = await this.#loop.read((queries) => queries.task(id)?.task);
    if (task === undefined) return { kind: "unknown" };
    if (isFinal(task.state)) return this.#keptOutput(task, options);
    const connected = await this.#connect(id, { kind: "logs", options }, signal);
    if (connected.kind === "connected") return { kind: "stream", output: outputOf(connected.socket) };
    if (connected.kind === "unknown") return connected;
    const kept = await this.#loop.read((queries) => queries.output(id));
    if (kept === undefined) return connected;
    return {
      kind: "stream",
      output: lastLines(kept, options),
      missing: `all since its last attempt: ${connected.reason}`,
    };
  }

  async exec(id: TaskId, signal: AbortSignal): Promise<ExecOutcome> {
    const task = await this.#loop.read((queries) => queries.task(id)?.task);
    if (task === undefined) return { kind: "unknown" };
    if (isFinal(task.state)) return { kind: "unavailable", reason: `the task has ${task.state}` };
    return this.#connect(id, { kind: "exec" }, signal);
  }

  async #connect(id: TaskId, what: StreamKind, signal: AbortSignal): Promise<Connected> {
    const stream = randomUUID();
    const dialled = this.#workers.expect(stream, signal);
    dialled.catch(() => undefined); // it is awaited below, unless the core says no
    const reply = await this.#loop.ask({ kind: "streamRequested", task: id, stream, what });
    if (reply.kind !== "done") {
      const reason = reply.kind === "unavailable" ? reply.reason : "the task is gone";
      this.#workers.cancel(stream, reason);
      return reply.kind === "unavailable" ? { kind: "unavailable", reason } : { kind: "unknown" };
    }
    try {
      return { kind: "connected", socket: await dialled };
    } catch (error) {
      return { kind: "unavailable", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async #keptOutput({ id, attempt }: Task, options: LogOptions): Promise<LogOutcome> {
    const kept = await this.#loop.read((queries) => queries.outputOf(id, attempt));
    return { kind: "stream", output: lastLines(kept ?? "", options) };
  }
}

/** A connection that breaks is no end of the output, so that a part never passes for the whole. */
function outputOf(socket: WebSocket): Readable {
  const output = createWebSocketStream(socket);
  socket.once("close", (code) => {
    if (code === 1006) output.destroy(new Error("the connection to its worker broke"));
  });
  socket.resume();
  return output;
}
