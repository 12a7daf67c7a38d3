/** Requests to a manager and what becomes of them: an answer of the form that the API promises, or a ClientError. */
import type { Problem } from "../api/problems.ts";
import { ClientError } from "./client-error.ts";
import type { MessageSocket, SocketTransport } from "./socket-transport.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

export interface Request extends Cancellable {
  readonly method: TransportRequest["method"];
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RequestOptions {
  readonly transport: Transport;
  /** For `exec`; without it there is none. */
  readonly sockets?: SocketTransport | undefined;
  /** Bearer token. */
  readonly token?: string | undefined;
}

export class Requests {
  readonly #transport: Transport;
  readonly #sockets: SocketTransport | undefined;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ transport, sockets, token }: RequestOptions) {
    this.#transport = transport;
    this.#sockets = sockets;
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async get<Answer>(path: string, { signal }: Cancellable): Promise<Answer> {
    return this.json({ method: "GET", path, signal });
  }

  async json<Answer>(request: Request): Promise<Answer> {
    return readJson(await this.send(request));
  }

  async text(request: Request): Promise<string> {
    return readAll(await this.send(request));
  }

  /** Throws a TypeError where no way to converse was handed in. */
  async converse(path: string, { signal }: Cancellable): Promise<MessageSocket> {
    if (this.#sockets === undefined) throw new TypeError("this client was made without a SocketTransport");
    return this.#sockets({ path, headers: this.#headers, signal });
  }

  /** Resolves when the head of the answer is there, and says yes. */
  async send({ method, path, body, headers, signal }: Request): Promise<TransportResponse> {
    const response = await this.#transport({
      method,
      path,
      headers: {
        accept: "application/json",
        ...this.#headers,
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw await refusal(response);
  }
}

/** With its question mark; empty when nothing is asked. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? "" : `?${search.toString()}`;
}

/** The cursor in `<…/tasks?cursor=X&…>; rel="next"` (RFC 8288). */
export function nextCursor(response: TransportResponse): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.header("link") ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("cursor") ?? undefined;
}

/** The answer's form is the server's promise (its own schemas), not checked again here. */
export async function readJson<Answer>(response: TransportResponse): Promise<Answer> {
  const value = parse(await readAll(response));
  if (value === undefined) throw notBirdman(response, "not JSON");
  return value as Answer;
}

/** What an answer says that does not say yes. */
export async function refusal(response: TransportResponse): Promise<ClientError> {
  const text = await readAll(response);
  const problem =
    response.header("content-type")?.startsWith("application/problem+json") === true ? parse(text) : undefined;
  if (!isProblem(problem)) return notBirdman(response, `status ${String(response.status)} without an explanation`);
  return new ClientError(problem.code, problem.detail, { status: response.status, problem });
}

/** The server is trusted as far as the members that every problem has. */
function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "detail" in value &&
    typeof value.detail === "string"
  );
}

function notBirdman({ url }: TransportResponse, what: string): ClientError {
  return new ClientError("not_birdman", `${url}: the answer is ${what}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAll(response: TransportResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
