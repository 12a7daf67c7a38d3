/** What the completion scripts of the shells call. It never fails: nothing to say is said with nothing. */
import { Argument, type Command } from "commander";
import { joinWords, renderCandidates } from "../completion/candidates.ts";
import { complete } from "../completion/complete.ts";
import { SHELLS, type Shell } from "../completion/shell-scripts.ts";
import type { Context } from "../context.ts";
import { loadCommand } from "../load-command.ts";

export function configure(command: Command, context: Context): void {
  command
    .description("print what could stand at the cursor")
    .addArgument(new Argument("<shell>", "the shell that asks").choices(SHELLS))
    .argument("[words...]", "the words up to the cursor, without the program's name")
    .action(async (shell: Shell, words: readonly string[]) => {
      const { parent: program } = command;
      if (program === null) return;
      const line = joinWords(shell, words);
      const current = line.at(-1) ?? "";
      const load = async (each: Command): Promise<void> => loadCommand(each, context);
      try {
        const candidates = await complete({ before: line.slice(0, -1), current }, { program, load, context });
        context.stdout.write(renderCandidates(shell, candidates, current));
      } catch {
        // Whatever is wrong, a prompt is no place to say so.
      }
    });
}
