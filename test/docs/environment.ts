/** The environment variables that there are: those of flags, and those of a container. */
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { COMMANDS } from "../../src/cmd/command-table.ts";
import { loadCommand } from "../../src/cmd/load-command.ts";
import { environmentName } from "../../src/cmd/settings.ts";
import { StrictCommand } from "../../src/cmd/strict-command.ts";

const IN_A_CONTAINER = ["BIRDMAN_TASK_ID", "BIRDMAN_TASK_NAME", "BIRDMAN_ATTEMPT", "BIRDMAN_NODE"];

export async function environmentNames(): Promise<ReadonlySet<string>> {
  const nowhere = new PassThrough();
  const context = { env: {}, stdin: nowhere, stdout: nowhere, stderr: nowhere, now: () => 0 };
  const program = new StrictCommand("birdman");
  const names = new Set(IN_A_CONTAINER);
  const collect = (command: Command): void => {
    for (const option of command.options) names.add(environmentName(command, option) ?? "");
    command.commands.forEach(collect);
  };
  for (const { name } of COMMANDS) {
    const command = program.command(name);
    await loadCommand(command, context);
    collect(command);
  }
  return names;
}
