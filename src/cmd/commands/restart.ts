import type { Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addClientOptions, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { printDocument } from "../terminal/print.ts";

export function configure(command: Command, context: Context): void {
  command
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .addHelpText(
      "after",
      examples([["birdman restart echo", "stop the task and place it again, as a new attempt; its id is printed"]]),
    )
    .action(async (word: string, options: ClientOptions) => {
      const client = connect(options);
      const id = await resolveTask(client, word, context.now());
      const task = await client.restart(id);
      if (options.output === "table") context.stdout.write(`${id}\n`);
      else await printDocument(context, options.output, task);
    });
  addClientOptions(command);
}
