/**
 * Where the value of a flag comes from: the command line, else the environment, else the config file, else the context, else
 * its default.
 *
 * A context gives the manager's address, its token and what to trust as one: where the address comes from somewhere nearer,
 * the context is left out whole, since its token is for no other manager's eyes. It counts as nearer where it was named: with
 * `--context` it outdoes BIRDMAN_MANAGER.
 *
 * `--data-dir` is BIRDMAN_DATA_DIR and `data-dir:` (or `dataDir:`). The flags of one client command alone carry its name in the
 * environment (`birdman run --cpu` is BIRDMAN_RUN_CPU), so that what was set for a worker does not reach a task.
 */
import { readFileSync } from "node:fs";
import { CommanderError, type Command, type Option } from "commander";
import { contextFile, contextNamed, readContexts } from "./contexts/context-file.ts";
import { UsageError, messageOf } from "./errors.ts";
import { CONFIG_OPTION, CONTEXT_OPTION, DEFAULT_MANAGER, ListOption } from "./options.ts";
import { parseStructured } from "./structured.ts";
import { didYouMean } from "./suggest.ts";

const SHARED = new Set(["manager", "token", "ca-cert", "output", "no-color", "config", "context"]);
/** And those that work beside them, on their directories. */
const SERVERS = new Set(["manager", "worker", "dev", "backup", "restore", "doctor"]);

/** The environment variable of a flag; undefined for those that have none. */
export function environmentName(command: Command, option: Option): string | undefined {
  const flag = flagName(option);
  if (flag === "help" || flag === "version") return undefined;
  const words = SHARED.has(flag) || SERVERS.has(command.name()) ? [flag] : [...commandPath(command), flag];
  return ["birdman", ...words].join("_").replaceAll("-", "_").toUpperCase();
}

/** What the help of a command says of all this, empty for one without such flags. */
export function settingsHelp(command: Command): string {
  const example = command.options.find((option) => option.required && flagName(option) !== CONFIG_OPTION);
  if (example === undefined) return "";
  const flag = flagName(example);
  return `\nFlags may also come from the environment (--${flag} is ${environmentName(command, example) ?? ""}) or from a --config FILE (${flag}: …).`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Fills in the flags that the command line leaves open. Throws a UsageError that names the variable, the key or the context. */
export async function applySettings(command: Command, env: Environment): Promise<void> {
  refuseTwoManagers(command);
  applyNamedContext(command, env);
  applyEnvironment(command, env);
  applyNamedContext(command, env);
  const file: unknown = command.opts()[CONFIG_OPTION];
  if (typeof file === "string") await applyConfig(command, file);
  applyNamedContext(command, env);
  applyCurrentContext(command, env);
}

function refuseTwoManagers(command: Command): void {
  if (command.getOptionValueSource(CONTEXT_OPTION) !== "cli" || command.getOptionValueSource("manager") !== "cli")
    return;
  throw new UsageError("--context and --manager together: a context says which manager; give one of them");
}

function applyEnvironment(command: Command, env: Environment): void {
  for (const option of command.options) {
    const name = environmentName(command, option);
    const text = name === undefined ? undefined : env[name];
    if (text === undefined || text === "" || isGiven(command, option)) continue;
    const values = option instanceof ListOption ? text.split(",") : [text];
    apply(command, option, { values, source: "env", origin: `environment variable ${name ?? ""}` });
  }
}

async function applyConfig(command: Command, file: string): Promise<void> {
  for (const [key, value] of Object.entries(await readConfig(file))) {
    const option = command.options.find((candidate) => namesOf(candidate).includes(key));
    if (option === undefined && !SHARED.has(key)) throw unknownKey(command, key, file);
    if (option === undefined || isGiven(command, option)) continue;
    const origin = `${key} in ${file}`;
    const isInverted = option.negate && key === option.attributeName();
    apply(command, option, { values: textsOf(value, origin, isInverted), source: "config", origin });
  }
}

/** The context that was named so far, if one was. */
function applyNamedContext(command: Command, env: Environment): void {
  const name: unknown = command.opts()[CONTEXT_OPTION];
  if (typeof name === "string") applyContext(command, name, contextFile(env));
}

function applyCurrentContext(command: Command, env: Environment): void {
  const takesOne = command.options.some((option) => flagName(option) === CONTEXT_OPTION);
  if (!takesOne || command.opts()[CONTEXT_OPTION] !== undefined || hasManager(command)) return;
  const file = contextFile(env);
  const { current } = readContexts(file);
  if (current !== undefined) applyContext(command, current, file);
}

function applyContext(command: Command, name: string, file: string): void {
  if (hasManager(command)) return;
  for (const [key, value] of Object.entries(contextNamed(name, file) ?? DEFAULTS)) {
    const option = command.options.find((candidate) => candidate.attributeName() === key);
    if (option === undefined || isGiven(command, option)) continue;
    apply(command, option, { values: [String(value)], source: "context", origin: `context ${name} in ${file}` });
  }
}

/** What `--context default` says. */
const DEFAULTS = { manager: DEFAULT_MANAGER };

function hasManager(command: Command): boolean {
  return command.options.some((option) => option.attributeName() === "manager" && isGiven(command, option));
}

interface Setting {
  readonly values: readonly string[];
  readonly source: "env" | "config" | "context";
  /** Where it stands, for errors. */
  readonly origin: string;
}

function apply(command: Command, option: Option, { values, source, origin }: Setting): void {
  let result: unknown;
  for (const text of values) {
    try {
      result = isSwitch(option) ? parseSwitch(text) !== option.negate : parseValue(option, text, result);
    } catch (error) {
      if (error instanceof CommanderError) throw new UsageError(`${origin}: '${text}' is invalid. ${error.message}`);
      throw error;
    }
  }
  if (values.length > 1 && !(option instanceof ListOption))
    throw new UsageError(`${origin}: one value is expected, not a list`);
  command.setOptionValueWithSource(option.attributeName(), result, source);
}

function parseValue(option: Option, text: string, previous: unknown): unknown {
  return option.parseArg === undefined ? text : option.parseArg(text, previous);
}

function parseSwitch(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new CommanderError(1, "birdman.switch", "It must be true or false.");
}

/** Whether somebody said it already: whoever speaks first has the last word. */
function isGiven(command: Command, option: Option): boolean {
  const source = command.getOptionValueSource(option.attributeName());
  return source !== undefined && source !== "default";
}

function isSwitch(option: Option): boolean {
  return !option.required && !option.optional;
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the config file: ${messageOf(error)}`);
  }
  const [content, ...more] = await parseStructured(text, file);
  if (content === undefined || content === null) return {};
  if (typeof content !== "object" || Array.isArray(content) || more.length > 0) {
    throw new UsageError(`${file} must be one map of flag names and their values`);
  }
  return { ...content };
}

/** A value of the config file as it would stand on the command line, one text for each time the flag would be given. */
function textsOf(value: unknown, origin: string, isInverted = false): string[] {
  if (typeof value === "boolean") return [String(value !== isInverted)];
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, origin));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([key, item]) => `${key}=${textsOf(item, origin).join(",")}`);
  }
  throw new UsageError(`${origin}: a value is expected`);
}

/** A file may serve several commands, so what all of them share is always welcome. Anything else is a mistake. */
function unknownKey(command: Command, key: string, file: string): UsageError {
  const known = command.options.map(flagName).filter((name) => name !== CONFIG_OPTION);
  const name = ["birdman", ...commandPath(command)].join(" ");
  return new UsageError(
    `unknown setting '${key}' in ${file}${didYouMean(key, known)}; '${name}' has: ${known.join(", ")}`,
  );
}

/** The names that a flag may have in the config file. */
function namesOf(option: Option): string[] {
  const flag = flagName(option);
  return [flag, flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), option.attributeName()];
}

function flagName(option: Option): string {
  return (option.long ?? option.short ?? "").replace(/^--?/, "");
}

/** `["token", "create"]`: the command without the program's name. */
export function commandPath(command: Command): string[] {
  return command.parent === null ? [] : [...commandPath(command.parent), command.name()];
}
