/**
 * What could stand at the cursor of a command line, from the definitions of the commands themselves: their options, the
 * choices of these, and by what a placeholder is called (`<task>`, `<node>`, `<file>`) the names that are there right now.
 */
import type { Argument, Command, Option } from "commander";
import type { Context } from "../context.ts";
import { applySettings } from "../settings.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import { namesOf } from "./names.ts";

export interface Line {
  /** The words before the cursor's. */
  readonly before: readonly string[];
  /** As much as is there of the word under the cursor. */
  readonly current: string;
}

export interface Definitions {
  readonly program: Command;
  /** Adds flags and arguments to a command of the program: they are loaded when they are needed. */
  readonly load: (command: Command) => Promise<void>;
  readonly context: Context;
}

export async function complete(line: Line, definitions: Definitions): Promise<Candidates> {
  const { before, current } = line;
  const [name, ...words] = before[0] === "help" ? before.slice(1) : before;
  const { program } = definitions;
  if (name === undefined) return current.startsWith("-") ? flagsOf(program) : commandsOf(program);
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return [];
  await definitions.load(command);
  return before[0] === "help" ? [] : completeCommand(command, { before: words, current }, definitions);
}

async function completeCommand(
  command: Command,
  { before, current }: Line,
  definitions: Definitions,
): Promise<Candidates> {
  const [word, ...rest] = before;
  const subcommand = command.commands.find((each) => each.name() === word);
  if (subcommand !== undefined) return completeCommand(subcommand, { before: rest, current }, definitions);
  if (command.commands.length === 0) return completeWord(command, { before, current }, definitions);
  if (word === undefined && !current.startsWith("-")) return commandsOf(command);
  // Without a subcommand it is the one that stands for none.
  const [standard] = command.commands;
  return standard === undefined ? [] : completeWord(standard, { before, current }, definitions);
}

async function completeWord(
  command: Command,
  { before, current }: Line,
  { context }: Definitions,
): Promise<Candidates> {
  if (before.includes("--")) return "files";
  const last = before.at(-1) ?? "";
  const flag = command.options.find((each) => takesValue(each) && (each.long === last || each.short === last));
  const { operands } = command.parseOptions(flag === undefined ? [...before] : before.slice(0, -1));
  const values = async (wanted: Option | Argument, prefix: string): Promise<Candidates> => {
    await applySettings(command, context.env);
    return namesOf(wanted, { prefix, options: command.opts(), context });
  };
  if (flag !== undefined) return values(flag, current);
  const [, long, begun] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  if (long !== undefined) {
    const option = command.options.find((each) => takesValue(each) && each.long === long);
    if (option === undefined) return [];
    const found = await values(option, begun ?? "");
    return found === "files" ? found : found.map(({ value, about }) => ({ value: `${long}=${value}`, about }));
  }
  if (current.startsWith("-")) return flagsOf(command);
  const wanted = command.registeredArguments;
  const argument = wanted[operands.length] ?? wanted.findLast(({ variadic }) => variadic);
  return argument === undefined ? [] : values(argument, current);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function commandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), about: each.description() }));
}

function flagsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", about: description }));
}
