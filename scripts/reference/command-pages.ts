/** What there is to say of every command, from the definitions that the program itself runs by. */
import { PassThrough } from "node:stream";
import type { Command, Option } from "commander";
import { COMMANDS } from "../../src/cmd/command-table.ts";
import type { Context } from "../../src/cmd/context.ts";
import { loadCommand } from "../../src/cmd/load-command.ts";
import { buildProgram } from "../../src/cmd/program.ts";
import { environmentName, settingsHelp } from "../../src/cmd/settings.ts";

export interface CommandPage {
  /** `birdman node drain` */
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly arguments: readonly Term[];
  readonly options: readonly OptionGroup[];
  readonly subcommands: readonly CommandPage[];
  /** What stands below the options: examples and remarks. */
  readonly remarks: readonly Remark[];
}

export interface CommandGroup {
  readonly title: string;
  readonly pages: readonly CommandPage[];
}

export interface Term {
  readonly term: string;
  readonly description: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly (Term & { readonly variable: string | undefined })[];
}

export type Remark =
  | { readonly kind: "examples"; readonly examples: readonly { readonly line: string; readonly what: string }[] }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "preformatted"; readonly text: string };

/** The commands that people call, in the groups of the help. */
export async function commandGroups(): Promise<CommandGroup[]> {
  const context: Context = {
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    now: () => 0,
  };
  const program = buildProgram(context, 0);
  const groups = new Map<string, CommandPage[]>();
  for (const { name, group, isHidden } of COMMANDS) {
    const command = program.commands.find((each) => each.name() === name);
    if (command === undefined || isHidden === true) continue;
    await loadCommand(command, context);
    groups.set(group, [...(groups.get(group) ?? []), pageOf(command, "birdman")]);
  }
  return [...groups].map(([title, pages]) => ({ title: title.replace(/:$/, ""), pages }));
}

function pageOf(command: Command, parent: string): CommandPage {
  const name = `${parent} ${command.name()}`;
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  return {
    name,
    summary: command.description(),
    usage: `${name} ${command.usage()}`.trim(),
    arguments: help
      .visibleArguments(command)
      .map((each) => ({ term: help.argumentTerm(each), description: help.argumentDescription(each) })),
    options: subcommands.length === 0 ? optionGroups(command) : [],
    subcommands: subcommands.map((each) => pageOf(each, name)),
    remarks: remarksOf(command),
  };
}

function optionGroups(command: Command): OptionGroup[] {
  const help = command.createHelp();
  const groups = new Map<string, Option[]>();
  for (const option of help.visibleOptions(command)) {
    const title = option.helpGroupHeading ?? "Options:";
    groups.set(title, [...(groups.get(title) ?? []), option]);
  }
  return [...groups].map(([title, options]) => ({
    title: title.replace(/:$/, ""),
    options: options.map((option) => ({
      term: help.optionTerm(option),
      description: help.optionDescription(option),
      variable: environmentName(command, option),
    })),
  }));
}

/** What `addHelpText` put below the help, without the help itself. */
function remarksOf(command: Command): Remark[] {
  let text = "";
  command.configureHelp({ formatHelp: () => "" });
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  // What the program adds to every help is said once.
  text = text.replace(settingsHelp(command), "");
  return text
    .split(/\n{2,}/)
    .map((block) => block.replace(/^\n+|\n+$/g, ""))
    .filter((block) => block !== "")
    .map(remarkOf);
}

function remarkOf(block: string): Remark {
  if (block.startsWith("Examples:\n")) return { kind: "examples", examples: examplesOf(block) };
  return { kind: /^ /m.test(block) ? "preformatted" : "paragraph", text: block };
}

function examplesOf(block: string): { line: string; what: string }[] {
  return [...block.matchAll(/^ {2}(\S.*)\n {6}(.*)$/gm)].map(([, line = "", what = ""]) => ({ line, what }));
}
