/** HTTP over connections that are kept: what a benchmark asks must not cost more than what is measured. */
import { Agent, request, type OutgoingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const MOST_CONNECTIONS = 16;

export class Requests {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });

  constructor(port: number) {
    this.#port = port;
  }

  /** Opens its connections, before it matters. */
  async open(): Promise<void> {
    await Promise.all(Array.from({ length: MOST_CONNECTIONS }, () => this.get("/healthz")));
  }

  get(path: string): Promise<Answer> {
    return this.#send({ method: "GET", path, headers: {} });
  }

  post(path: string, body: Buffer, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.#send({ method: "POST", path, headers: { "content-type": "application/json", ...headers } }, body);
  }

  #send(asked: { method: string; path: string; headers: OutgoingHttpHeaders }, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#port, agent: this.#agent, ...asked };
      const sent = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
