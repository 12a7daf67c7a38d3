import type { Command } from "commander";
import type { Birdman, LogFilter } from "../../client/client.ts";
import { isFinal } from "../../task/state.ts";
import { settleAll } from "../concurrently.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { copyLogs, copyManyLogs, type NamedTask } from "../log-streams.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { parseCount, parseMoment } from "../values.ts";

interface LogsOptions extends ClientOptions {
  readonly label?: string;
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly timestamps?: boolean;
}

/** Tasks whose output is read at a time: each is a connection or two. */
const MOST = 50;

export function configure(command: Command, context: Context): void {
  command
    .argument("[task...]", "ids, unique beginnings of them, or names of live tasks")
    .addOption(option("-l, --label <key=value>", "the live tasks with this label, or with this key"))
    .addOption(option("-f, --follow", "stay, and print what is written until the tasks end"))
    .addOption(option("--tail <lines>", "begin with so many of the last lines", parseCount))
    .addOption(
      option("--since <time>", "leave out what is older: a time, or a duration before now", (text) =>
        parseMoment(text, context.now()),
      ),
    )
    .addOption(option("-t, --timestamps", "put the time before each line"))
    .addHelpText(
      "after",
      `${examples([
        ["birdman logs echo", "all there is of the output of echo"],
        ["birdman logs -f --tail 20 echo", "the last twenty lines, and what follows"],
        ["birdman logs --since 10m --timestamps echo", "the last ten minutes, with times"],
        ["birdman logs -f web api", "two at once, the name before each line"],
        ["birdman logs -f -l app=shop", "all tasks with this label"],
        ["birdman logs echo 2>/dev/null", "what it wrote to standard output alone"],
      ])}\n\n${STREAMS}`,
    )
    .action(async (words: readonly string[], options: LogsOptions) => {
      if (options.output !== "table")
        throw new UsageError(`output of a task is text, and cannot be had as ${options.output}`);
      if (words.length === 0 && options.label === undefined)
        throw new UsageError("say whose output: give a TASK, or a label with -l");
      const client = connect(options);
      const request = { filter: filterOf(options), context, color: options.color };
      const [word, ...more] = words;
      if (word !== undefined && more.length === 0 && options.label === undefined) {
        await copyLogs(client, await resolveTask(client, word, context.now()), request);
      } else {
        await copyManyLogs(client, await chosen(client, words, { label: options.label, now: context.now() }), request);
      }
    });
  addClientOptions(command);
}

const STREAMS = `Standard output of a task goes to standard output, its standard error to standard error. Where both lead to
the same place (a terminal, or 2>&1), the two come as one stream, in the order in which the node has them, and --tail
counts them together; where they part, each is a stream of its own, with its own --tail.`;

function filterOf({ follow, tail, since, timestamps }: LogsOptions): LogFilter {
  return {
    ...(follow === undefined ? {} : { follow }),
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
    ...(timestamps === undefined ? {} : { timestamps }),
  };
}

/** The tasks of these names, and those with the label, each once. */
async function chosen(
  client: Birdman,
  words: readonly string[],
  { label, now }: { readonly label: string | undefined; readonly now: number },
): Promise<NamedTask[]> {
  const outcomes = await settleAll(words, async (word) => client.task(await resolveTask(client, word, now)));
  const tasks = new Map<string, NamedTask>();
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
    tasks.set(outcome.value.id, outcome.value);
  }
  if (label !== undefined) {
    for await (const task of client.everyTask({ label })) {
      if (!isFinal(task.state) && task.attempt > 0) tasks.set(task.id, task);
    }
    if (tasks.size === 0) throw new CommandError(`no live task has the label '${label}'; 'birdman status' lists them`);
  }
  if (tasks.size > MOST) {
    throw new CommandError(`${String(tasks.size)} tasks at once are more than ${String(MOST)}; choose fewer`);
  }
  return [...tasks.values()];
}
