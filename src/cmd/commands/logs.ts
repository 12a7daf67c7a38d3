import type { Command } from "commander";
import { once } from "node:events";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addConnectionOptions, addDisplayOptions, option, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { isColored } from "../terminal/paint.ts";
import { TerminalFilter } from "../terminal/terminal-filter.ts";
import { parseCount, parseMoment } from "../values.ts";

interface LogsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly timestamps?: boolean;
}

export function configure(command: Command, context: Context): void {
  command
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .addOption(option("-f, --follow", "stay, and print what is written until the task ends"))
    .addOption(option("--tail <lines>", "begin with so many of the last lines", parseCount))
    .addOption(
      option("--since <time>", "leave out what is older: a time, or a duration before now", (text) =>
        parseMoment(text, context.now()),
      ),
    )
    .addOption(option("-t, --timestamps", "put the time before each line"))
    .addHelpText(
      "after",
      examples([
        ["birdman logs echo", "all there is of the output of echo"],
        ["birdman logs -f --tail 20 echo", "the last twenty lines, and what follows"],
        ["birdman logs --since 10m --timestamps echo", "the last ten minutes, with times"],
      ]),
    )
    .action(async (word: string, options: LogsOptions) => {
      if (options.output !== "table")
        throw new UsageError(`output of a task is text, and cannot be had as ${options.output}`);
      const client = connect(options);
      const id = await resolveTask(client, word, context.now());
      const { follow, tail, since, timestamps } = options;
      const chunks = client.logs(id, {
        ...(follow === undefined ? {} : { follow }),
        ...(tail === undefined ? {} : { tail }),
        ...(since === undefined ? {} : { since }),
        ...(timestamps === undefined ? {} : { timestamps }),
      });
      const filter =
        context.stdout.isTTY === true
          ? new TerminalFilter(isColored(context, context.stdout, options.color))
          : undefined;
      for await (const chunk of chunks) {
        if (!context.stdout.write(filter?.push(chunk) ?? chunk)) await once(context.stdout, "drain");
      }
      context.stdout.write(filter?.end() ?? "");
    });
  addDisplayOptions(addConnectionOptions(command));
}
