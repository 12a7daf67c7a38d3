/** What can go wrong between us and the engine, in one class: it said no, or it did not answer. */
import { EngineFailure } from "../runtime.ts";

/**
 * `answered`: the engine refused or failed, `status` is its HTTP status and the message its own words.
 * `unreachable`: no connection could be made. `cut`: the connection broke before the answer. `timeout`: no answer in
 * time. After `cut` and `timeout` the engine may or may not have done what it was asked.
 */
export type EngineErrorReason = "answered" | "unreachable" | "cut" | "timeout";

/** What stands before an engine and answers for it: it is not there, not ready, or too slow. */
const ANSWERS_OF_A_PROXY: readonly (number | undefined)[] = [502, 503, 504];

export class EngineError extends EngineFailure {
  override readonly name = "EngineError";
  readonly reason: EngineErrorReason;
  readonly status: number | undefined;

  constructor(
    reason: EngineErrorReason,
    message: string,
    { status, cause }: { status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.reason = reason;
    this.status = status;
  }

  override get isSilent(): boolean {
    return this.reason !== "answered" || ANSWERS_OF_A_PROXY.includes(this.status);
  }
}

/** True when the engine answered with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof EngineError && error.status === status;
}

export interface FailedCall {
  /** What was asked, as a noun: `the start of container …`. */
  readonly what: string;
  /** The engine's address, as the user gave it. */
  readonly address: string;
  /** Set when the call was given up after that long, in milliseconds. */
  readonly timedOutAfterMs: number | undefined;
}

/** The one error for whatever the client library throws. */
export function toEngineError(cause: unknown, { what, address, timedOutAfterMs }: FailedCall): EngineError {
  if (cause instanceof EngineError) return cause;
  if (timedOutAfterMs !== undefined) {
    const seconds = String(Math.round(timedOutAfterMs / 1000));
    return new EngineError(
      "timeout",
      `the container engine at ${address} did not answer within ${seconds} s (${what}): it is overloaded or hangs`,
      { cause },
    );
  }
  const { statusCode, code, message } = fieldsOf(cause);
  if (statusCode !== undefined) {
    return new EngineError("answered", engineWords(message), { status: statusCode, cause });
  }
  const remedy = UNREACHABLE.get(code ?? "");
  if (remedy !== undefined)
    return new EngineError("unreachable", remedy.replace(/\s+/g, " ").replace("ADDRESS", address), { cause });
  if (code === "ECONNRESET" || code === "EPIPE") {
    return new EngineError("cut", `the container engine at ${address} broke the connection off (${what})`, { cause });
  }
  return new EngineError("unreachable", `the container engine at ${address} cannot be reached: ${message}`, { cause });
}

/** By the system's code: what is wrong and what to do about it. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  [
    "ENOENT",
    `there is no container engine at ADDRESS: it is not installed or not running. Install one (on Debian and Ubuntu:
     apt-get install docker.io), start it (systemctl start docker), or name another engine with DOCKER_HOST`,
  ],
  [
    "ECONNREFUSED",
    `the container engine at ADDRESS is not running: nothing listens there. Start it (systemctl start docker), or name
     another engine with DOCKER_HOST`,
  ],
  [
    "EACCES",
    `no permission to use the container engine at ADDRESS: run as root, join its group (usermod -aG docker USER, then log
     in again), or name another engine with DOCKER_HOST`,
  ],
  [
    "EPERM",
    "no permission to use the container engine at ADDRESS: run as root, or name another engine with DOCKER_HOST",
  ],
  ["ENOTFOUND", "there is no container engine at ADDRESS: no such host. Check the address in DOCKER_HOST"],
]);

/** The client library writes `(HTTP code 404) no such container - WORDS `. */
function engineWords(message: string): string {
  return message.replace(/^\(HTTP code \d+\) .*? - /s, "").trim();
}

function fieldsOf(cause: unknown): { statusCode?: number; code?: string; message: string } {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const { message } = cause;
  if ("statusCode" in cause && typeof cause.statusCode === "number") return { statusCode: cause.statusCode, message };
  if ("code" in cause && typeof cause.code === "string") return { code: cause.code, message };
  return { message };
}
