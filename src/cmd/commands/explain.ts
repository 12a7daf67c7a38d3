import type { Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { renderPlacement } from "../placement-table.ts";
import { resolveTask } from "../resolve-task.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";

interface ExplainOptions extends ClientOptions {
  readonly all?: boolean;
}

export function configure(command: Command, context: Context): void {
  command
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .addOption(option("-a, --all", "a line for every node, however many there are"))
    .addHelpText(
      "after",
      examples([
        ["birdman explain echo", "why echo is on its node, or what keeps it from every node"],
        ["birdman explain echo --all", "node by node, those that come nearest to taking it first"],
        ["birdman explain echo -o json | jq .wouldFitIf", "the smallest change that would let it in"],
      ]),
    )
    .action(async (word: string, options: ExplainOptions) => {
      const client = connect(options);
      const id = await resolveTask(client, word, context.now());
      const placement = await client.placement(id);
      if (options.output !== "table") return printDocument(context, options.output, placement);
      const { name, reason } = await client.task(id);
      const paint = painter(context, context.stdout, options.color);
      const view = {
        now: context.now(),
        width: context.stdout.columns,
        paint,
        showsAll: options.all === true,
        name,
        reason,
      };
      context.stdout.write(renderPlacement(placement, view));
    });
  addClientOptions(command);
}
