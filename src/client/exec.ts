/** A command inside a task, as whoever runs it sees it. */
import { decodeExecNews, decodeExecOutput, encodeExecOrder, type ExecOutput } from "../api/exec-frames.ts";
import type { ExecOrder, ExecRequest, ExecSignal, TerminalSize } from "../api/exec-order.ts";
import { ClientError } from "./client-error.ts";
import type { MessageSocket } from "./socket-transport.ts";

export class ExecSession {
  readonly #socket: MessageSocket;
  #exitCode: number | undefined;

  constructor(socket: MessageSocket) {
    this.#socket = socket;
  }

  /** To be called once, before anything else. */
  async begin(request: ExecRequest): Promise<void> {
    await this.#order({ kind: "start", request });
  }

  /** What it writes; ends with it. Fails with a ClientError when it cannot be run, or is lost. */
  async *output(): AsyncGenerator<ExecOutput> {
    for await (const message of this.#socket.messages) {
      if (typeof message !== "string") {
        const output = decodeExecOutput(message);
        if (output !== undefined) yield output;
        continue;
      }
      const news = decodeExecNews(message);
      if (news?.kind === "exited") this.#exitCode = news.exitCode;
      if (news?.kind === "failed") throw new ClientError("exec_failed", news.detail, { status: 101 });
    }
    if (this.#exitCode === undefined)
      throw new ClientError("connection_lost", "the connection to the command was lost");
  }

  /** Of the command, once its output has ended. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Resolves once there is room for more. */
  write(data: Uint8Array): Promise<void> {
    return this.#socket.send(data);
  }

  /** There is no more input. */
  end(): Promise<void> {
    return this.#order({ kind: "end" });
  }

  resize(size: TerminalSize): Promise<void> {
    return this.#order({ kind: "resize", size });
  }

  signal(signal: ExecSignal): Promise<void> {
    return this.#order({ kind: "signal", signal });
  }

  /** Lets go; the command is killed if it still runs. */
  close(): void {
    this.#socket.close();
  }

  #order(order: ExecOrder): Promise<void> {
    return this.#socket.send(encodeExecOrder(order));
  }
}
