/** Where a command takes its tasks from: a file, or an image and flags. */
import type { Command, Option } from "commander";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { option } from "./options.ts";
import { readTaskFile } from "./task-file.ts";
import { documentOf, type TaskFlags } from "./task-flags.ts";

export interface TaskSource extends TaskFlags {
  readonly file?: string;
}

export function fileOption(): Option {
  return option("-f, --file <file>", "one task, a list of tasks or an event, JSON or YAML; - is standard input");
}

interface Wanted {
  readonly words: readonly string[];
  readonly options: TaskSource;
  /** Names of the options that describe a task. */
  readonly taskFlags: readonly string[];
  readonly afterDashes: number;
  readonly context: Context;
}

/** The JSON to send: what the file holds, or what the flags describe. */
export async function tasksAsJson(
  command: Command,
  { words, options, taskFlags, afterDashes, context }: Wanted,
): Promise<string> {
  const { file } = options;
  if (file === undefined) {
    const { image, program } = split(words, afterDashes);
    return JSON.stringify(documentOf(image, program, options));
  }
  const extra = taskFlags.find((name) => command.getOptionValueSource(name) === "cli");
  if (extra !== undefined || words.length > 0) {
    const what = extra === undefined ? "an image or a command" : `--${extra}`;
    throw new UsageError(`${what} and -f together: the file says everything about its tasks`);
  }
  return readTaskFile(file, context);
}

function split(
  words: readonly string[],
  afterDashes: number,
): { image: string | undefined; program: readonly string[] } {
  const [image, excess] = words.slice(0, words.length - afterDashes);
  if (excess !== undefined) {
    throw new UsageError(`unexpected argument '${excess}': the command to run comes after --`);
  }
  return { image, program: words.slice(words.length - afterDashes) };
}
