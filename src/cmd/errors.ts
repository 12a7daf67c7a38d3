/** How a command ends badly: each kind has an exit status of its own, and every message says what to do. */
export const EXIT = {
  done: 0,
  /** Refused by the manager, or tried and failed. */
  failed: 1,
  /** Wrong usage: nothing was tried. */
  usage: 2,
  /** The manager cannot be reached. */
  unreachable: 3,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The command line, the environment or the config file is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command did not do what was asked; the message is for the user, whole sentences. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Nothing went wrong with the command itself: what it ran for somebody has ended with this exit status. */
export class EndedWith extends Error {
  override readonly name = "EndedWith";
  readonly status: number;

  constructor(status: number) {
    super(`ended with exit status ${String(status)}`);
    this.status = status;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
