import type { Problem } from "../api/problems.ts";

/**
 * Why no answer came.
 * `refused`: nothing listens there. `unknown_host`: the name has no address. `no_route`: the network does not lead there.
 * `timeout`: no answer in time. `tls`: no trust or no common ground. `connection_lost`: cut off midway. `not_birdman`:
 * something answers that is no manager.
 */
export type NetworkCode =
  "refused" | "unknown_host" | "no_route" | "timeout" | "tls" | "connection_lost" | "not_birdman";

/** A request that was not answered as asked: by the server, whose `problem` says why, or not at all, and `status` is undefined. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  /** One of the problem codes of `api/problems.ts`, or why there was no answer. */
  readonly code: string;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;

  constructor(code: NetworkCode, message: string, options?: ErrorOptions);
  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { readonly status: number; readonly problem?: Problem },
  );
  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { readonly status?: number; readonly problem?: Problem } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.problem = options.problem;
  }

  /** True when the server was never heard, so that nothing is known of what became of the request. */
  get isUnreachable(): boolean {
    return this.status === undefined;
  }
}
