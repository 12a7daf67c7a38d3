import type { Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addConnectionOptions, type ConnectionOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";

export function configure(command: Command, context: Context): void {
  command
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .addHelpText(
      "after",
      examples([["birdman restart echo", "stop the task and place it again, as a new attempt; its id is printed"]]),
    )
    .action(async (word: string, options: ConnectionOptions) => {
      const client = connect(options);
      const id = await resolveTask(client, word, context.now());
      await client.restart(id);
      context.stdout.write(`${id}\n`);
    });
  addConnectionOptions(command);
}
