/** One request and its answer, over connections that are kept. */
import { Agent, request as httpRequest } from "node:http";
import type { Answer } from "./described-api.ts";
import type { DrawnRequest } from "./drawn-request.ts";

/** A stream is listened to for so long, and then left: some never end. */
const LISTEN_MS = 40;
const STREAM = /^text\/(event-stream|plain)/;

export class Exchange {
  readonly #agent: Agent;
  readonly #base: URL;

  constructor(url: string, connections: number) {
    this.#base = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Rejects when there is no answer. */
  send({ method, target, headers, body }: Omit<DrawnRequest, "operation">): Promise<Answer> {
    const { hostname, port } = this.#base;
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, hostname, port, method, path: target, headers: { ...headers, ...length } };
      const sent = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        const contentType = response.headers["content-type"];
        const finish = (): void => {
          clearTimeout(patience);
          resolve({ status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() });
        };
        const leave = (): void => {
          finish();
          sent.destroy();
        };
        const isStream = STREAM.test(contentType ?? "") && !target.startsWith("/metrics");
        const patience = isStream ? setTimeout(leave, LISTEN_MS) : undefined;
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", finish);
        response.once("error", reject);
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
