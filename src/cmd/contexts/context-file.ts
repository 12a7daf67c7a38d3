/**
 * The clusters that a user works with, by name, and which of them is meant when none is named. Kept in one file of the
 * user's own; it may hold tokens, so that nobody else can read it, and it is replaced whole, so that no reader sees half of it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { UsageError, messageOf } from "../errors.ts";
import { didYouMean } from "../suggest.ts";

/** How to reach one cluster: the values of the flags of the same names. */
export interface ClusterContext {
  readonly manager: string;
  readonly token?: string;
  /** An absolute path: the file is read from any directory. */
  readonly caCert?: string;
}

export interface Contexts {
  /** Name of the one that is used when none is named. */
  readonly current?: string;
  readonly contexts: Readonly<Record<string, ClusterContext>>;
}

/** The name of no context: what applies to whoever never made one. It cannot be given to another. */
export const DEFAULT_CONTEXT = "default";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/birdman/contexts.json`, by default below `~/.config`. */
export function contextFile({ XDG_CONFIG_HOME, HOME }: Environment): string {
  const isSet = XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME);
  const home = HOME === undefined || HOME === "" ? process.getBuiltinModule("node:os").homedir() : HOME;
  return join(isSet ? XDG_CONFIG_HOME : join(home, ".config"), "birdman", "contexts.json");
}

/** What the file holds; none when there is no file. Throws a UsageError that names the file. */
export function readContexts(file: string): Contexts {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { contexts: {} };
    throw new UsageError(`cannot read the contexts: ${messageOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not valid JSON: ${messageOf(error)}\nMend it, or remove it to begin anew.`);
  }
  if (!isContexts(value)) {
    throw new UsageError(
      `${file} does not hold contexts ({"current": NAME, "contexts": {NAME: {"manager": …}}})\nMend it, or remove it to begin anew.`,
    );
  }
  return value;
}

/** Throws a UsageError that names the file. */
export function writeContexts(file: string, contexts: Contexts): void {
  const temporary = `${file}.${crypto.randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: DIRECTORY_MODE });
    writeFileSync(temporary, `${JSON.stringify(contexts, undefined, 2)}\n`, { mode: FILE_MODE });
    renameSync(temporary, file);
  } catch (error) {
    throw new UsageError(`cannot write the contexts: ${messageOf(error)}`);
  }
}

/** The context of this name, undefined for the one of whoever has none. Throws a UsageError that says which there are. */
export function contextNamed(name: string, file: string): ClusterContext | undefined {
  if (name === DEFAULT_CONTEXT) return undefined;
  const { contexts } = readContexts(file);
  if (Object.hasOwn(contexts, name)) return contexts[name];
  const names = [...Object.keys(contexts), DEFAULT_CONTEXT];
  throw new UsageError(
    `there is no context '${name}' in ${file}${didYouMean(name, names)}; there are ${names.join(", ")}\n` +
      `'birdman context add ${name} --manager …' makes it.`,
  );
}

function isContexts(value: unknown): value is Contexts {
  if (!isRecord(value) || !isRecord(value["contexts"])) return false;
  const { current, contexts } = value;
  return isTextOrNone(current) && Object.values(contexts).every(isContext);
}

function isContext(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["manager"] === "string" &&
    isTextOrNone(value["token"]) &&
    isTextOrNone(value["caCert"])
  );
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
