/** Whether a command line is one that there is: read by the very definitions of `birdman`, and not carried out. */
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { COMMANDS } from "../../src/cmd/command-table.ts";
import type { Context } from "../../src/cmd/context.ts";
import { loadCommand } from "../../src/cmd/load-command.ts";
import { applySettings } from "../../src/cmd/settings.ts";
import { StrictCommand } from "../../src/cmd/strict-command.ts";

/** What is wrong with a command (its words); undefined where nothing is, or it is somebody else's. */
export async function whatIsWrongWith(words: readonly string[]): Promise<string | undefined> {
  const [program, ...args] = words;
  if (program === "birdman" || program === "bin/birdman") return refusalOf(args);
  if (program === "npm") return refusalOfScript(args);
  return undefined;
}

async function refusalOf(args: readonly string[]): Promise<string | undefined> {
  const dashes = args.indexOf("--");
  const nowhere = new PassThrough().resume();
  const context: Context = { env: { HOME: "/" }, stdin: nowhere, stdout: nowhere, stderr: nowhere, now: () => 0 };
  const program = new StrictCommand("birdman").version(packageFile.version, "-V, --version").exitOverride();
  for (const { name } of COMMANDS) program.command(name);
  program.hook("preSubcommand", async (_program, command) => {
    await loadCommand(command, context, dashes === -1 ? 0 : args.length - dashes - 1);
    stillLeaves(command);
  });
  program.hook("preAction", async (_program, command) => applySettings(command, context.env));
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  try {
    await program.parseAsync(args, { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof Error && "exitCode" in error && error.exitCode === 0) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    // Contexts are the reader's own.
    return message.startsWith("there is no context") ? undefined : message;
  }
}

/** They do nothing; what they have been given is checked all the same. */
function stillLeaves(command: Command): void {
  command.action(() => undefined);
  for (const leaf of command.commands) stillLeaves(leaf);
}

function refusalOfScript([verb, ...rest]: readonly string[]): string | undefined {
  if (verb !== "run") return undefined;
  const name = rest.find((word) => !word.startsWith("-")) ?? "";
  return name in packageFile.scripts ? undefined : `there is no script ${name} in package.json`;
}
