/** What a failure is to the user: a message that says what to do, and an exit status. */
import { ClientError } from "../client/client-error.ts";
import { CommandError, EXIT, UsageError, messageOf, type ExitStatus } from "./errors.ts";
import { printableLines } from "./terminal/text.ts";

export interface Failure {
  /** Fit for a terminal, whatever the server or the user wrote. */
  readonly message: string;
  readonly status: ExitStatus;
}

export function explainFailure(error: unknown): Failure {
  const { message, status } = explain(error);
  return { message: printableLines(message), status };
}

function explain(error: unknown): Failure {
  if (error instanceof UsageError) return { message: error.message, status: EXIT.usage };
  if (error instanceof CommandError) return { message: error.message, status: EXIT.failed };
  if (error instanceof ClientError) {
    return error.isUnreachable
      ? { message: unreachable(error), status: EXIT.unreachable }
      : { message: refused(error), status: EXIT.failed };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return { message: `a fault of our own, please report it: ${stack}`, status: EXIT.failed };
}

function refused({ message, code, problem }: ClientError): string {
  const all = (problem?.errors ?? []).map(({ path, message: what }) => `${path}${path === "" ? "" : ": "}${what}`);
  // A single one is the message itself.
  const errors = all.filter((each) => each !== message).map((each) => `\n  ${each}`);
  const remedy = REMEDIES.get(code);
  return `${message}${errors.join("")}${remedy === undefined ? "" : `\n${remedy}`}`;
}

const REMEDIES = new Map([
  ["unauthorized", "Give a token with --token or BIRDMAN_TOKEN; 'birdman token create' makes one."],
  ["scope_missing", "Use a token that has this scope; 'birdman token create --scope …' makes one."],
  ["unavailable", "Try again in a moment."],
]);

function unreachable({ message, code }: ClientError): string {
  const step = STEPS.get(code);
  return `cannot reach the manager at ${message}${step === undefined ? "" : `\n${step}`}`;
}

const STEPS = new Map([
  [
    "refused",
    "Start one with 'birdman manager' or 'birdman dev', or say where it is with --manager or BIRDMAN_MANAGER.",
  ],
  ["unknown_host", "Check the name given with --manager or BIRDMAN_MANAGER."],
  ["no_route", "Check the address given with --manager or BIRDMAN_MANAGER, and the network."],
  ["timeout", "Check the address given with --manager or BIRDMAN_MANAGER, and that no firewall stands between."],
  [
    "tls",
    "Write https:// before the address where it serves TLS, http:// where it does not; --ca-cert names what to trust.",
  ],
  ["connection_lost", "Check that a manager runs there, and write https:// before the address where it serves TLS."],
  ["not_birdman", "Something else listens there: check --manager or BIRDMAN_MANAGER."],
]);
