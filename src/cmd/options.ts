/** Flags that several commands share, and what a flag is made with. */
import { Option, type Command } from "commander";
import { OUTPUT_FORMATS, type OutputFormat } from "./terminal/print.ts";

/** A flag that may be repeated; elsewhere (environment, config file) it is a list. */
export class ListOption<Value> extends Option {
  constructor(flags: string, description: string, parse: (text: string) => Value) {
    super(flags, description);
    this.argParser<readonly Value[] | undefined>((text, previous) => [...(previous ?? []), parse(text)]);
  }
}

/** A flag with one value. */
export function option(flags: string, description: string, parse?: (text: string) => unknown): Option {
  const made = new Option(flags, description);
  return parse === undefined ? made : made.argParser(parse);
}

export interface ConnectionOptions {
  readonly manager: string;
  readonly token?: string;
  readonly caCert?: string;
}

export interface DisplayOptions {
  readonly output: OutputFormat;
  /** False with --no-color. */
  readonly color: boolean;
}

export type ClientOptions = ConnectionOptions & DisplayOptions;

export const CONFIG_OPTION = "config";
export const CONTEXT_OPTION = "context";

export const DEFAULT_MANAGER = "localhost:8080";

const CONNECTION = "Connection:";

/** The flags of a command of a user's that asks a manager and prints an answer. */
export function addClientOptions(command: Command): Command {
  return addDisplayOptions(addManagerOptions(command));
}

/** The flags of a command of a user's that asks a manager, which may be that of a context. */
export function addManagerOptions(command: Command): Command {
  const words = "the cluster, by a name that 'birdman context add' gave it";
  return addConnectionOptions(command).addOption(option(`--${CONTEXT_OPTION} <context>`, words).helpGroup(CONNECTION));
}

/** The flags of whatever connects to a manager, a worker too. */
export function addConnectionOptions(command: Command): Command {
  const group = CONNECTION;
  return command
    .addOption(
      option("-m, --manager <address>", "the manager, as HOST:PORT or URL").default(DEFAULT_MANAGER).helpGroup(group),
    )
    .addOption(option("--token <token>", "the bearer token to show it").helpGroup(group))
    .addOption(
      option("--ca-cert <file>", "certificates (PEM) to trust, the manager's own or its CA's").helpGroup(group),
    );
}

/** The flags of every command that prints an answer. */
export function addDisplayOptions(command: Command): Command {
  const group = "Output:";
  return command
    .addOption(
      option("-o, --output <format>", "how to print").choices(OUTPUT_FORMATS).default("table").helpGroup(group),
    )
    .addOption(option("--no-color", "no colour, also with NO_COLOR set").helpGroup(group));
}

/** The flag of every command. */
export function addConfigOption(command: Command): Command {
  return command.addOption(option(`--${CONFIG_OPTION} <file>`, "settings for flags that are not given, YAML or JSON"));
}
