/**
 * The command line. A command is loaded when it is the one that runs: `birdman status` reads nothing of the servers, which
 * is most of what keeps it fast.
 */
import { CommanderError, type Command } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { COMMANDS } from "./command-table.ts";
import type { Context } from "./context.ts";
import { EndedWith, EXIT } from "./errors.ts";
import { loadCommand } from "./load-command.ts";
import { applySettings, settingsHelp } from "./settings.ts";
import { StrictCommand } from "./strict-command.ts";

/** Runs one command line (without the program's own name) and resolves to the exit status; errors are already printed. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  // `birdman help status` is what some will try.
  const line = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  const dashes = line.indexOf("--");
  const afterDashes = dashes === -1 ? 0 : line.length - dashes - 1;
  try {
    await buildProgram(context, afterDashes).parseAsync(line, { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof EndedWith) return error.status;
    const { explainFailure } = await import("./failure.ts");
    const { message, status } = explainFailure(error);
    context.stderr.write(`birdman: ${message}\n`);
    return status;
  }
}

/** The program with the names of its commands; each has its flags once it is loaded. */
export function buildProgram(context: Context, afterDashes: number): Command {
  const program = new StrictCommand("birdman")
    .description("Schedules, runs and watches tasks on many machines.")
    .usage("COMMAND [options]")
    .version(packageFile.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
    .addHelpText("after", "\nEach command has its own help with examples: birdman COMMAND --help")
    .addHelpText("afterAll", ({ command }) => settingsHelp(command))
    .hook("preSubcommand", async (_program, command) => {
      await loadCommand(command, context, afterDashes);
    })
    .hook("preAction", async (_program, command) => {
      await applySettings(command, context.env);
    });
  for (const { name, summary, group, isHidden = false } of COMMANDS) {
    program.command(name, { hidden: isHidden }).description(summary).helpGroup(group);
  }
  return program;
}
