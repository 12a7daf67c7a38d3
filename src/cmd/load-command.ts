import type { Command } from "commander";
import { COMMANDS } from "./command-table.ts";
import type { Context } from "./context.ts";
import { addConfigOption } from "./options.ts";

/** Adds to a command of the program what its own file says of it: flags, arguments, examples, action. */
export async function loadCommand(command: Command, context: Context, afterDashes = 0): Promise<void> {
  const entry = COMMANDS.find(({ name }) => name === command.name());
  if (entry === undefined) return;
  const { configure } = await entry.load();
  configure(command, context, afterDashes);
  if (entry.isHidden === true) return;
  for (const leaf of command.commands.length === 0 ? [command] : command.commands) addConfigOption(leaf);
}
