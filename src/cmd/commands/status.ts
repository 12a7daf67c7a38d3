import type { Command } from "commander";
import type { Birdman, TaskFilter } from "../../client/client.ts";
import { TASK_STATES, type TaskState } from "../../task/state.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { renderTask } from "../task-details.ts";
import { renderTasks } from "../task-table.ts";
import { printDocument } from "../terminal/print.ts";
import { painter } from "../terminal/paint.ts";
import { parseCount } from "../values.ts";

interface StatusOptions extends ClientOptions {
  readonly state?: TaskState;
  readonly node?: string;
  readonly name?: string;
  readonly label?: string;
  readonly limit: number;
}

export function configure(command: Command, context: Context): void {
  command
    .argument("[task]", "id, unique beginning of one, or name of a live task; without it, all are listed")
    .addOption(option("--state <state>", "only tasks in this state").choices(TASK_STATES))
    .addOption(option("--node <node>", "only tasks on this node"))
    .addOption(option("--name <name>", "only tasks of this name"))
    .addOption(option("-l, --label <key=value>", "only tasks with this label, or with this key"))
    .addOption(option("--limit <count>", "at most so many, newest first", parseCount).default(1000))
    .addHelpText(
      "after",
      examples([
        ["birdman status", "all tasks, newest first"],
        ["birdman status --state running --node worker1", "what runs on worker1"],
        ["birdman status echo", "everything about the task named echo"],
        ["birdman status echo -o json | jq -r '.ports[0].host'", "its first published port"],
      ]),
    )
    .action(async (task: string | undefined, options: StatusOptions) => {
      const client = connect(options);
      if (task === undefined) await list(client, options, context);
      else await show(client, { task, options, context });
    });
  addClientOptions(command);
}

async function list(client: Birdman, options: StatusOptions, context: Context): Promise<void> {
  const { tasks, isMore } = await newest(client, options);
  if (options.output !== "table") return printDocument(context, options.output, tasks);
  const paint = painter(context, context.stdout, options.color);
  context.stdout.write(renderTasks(tasks, { now: context.now(), width: context.stdout.columns, paint }));
  if (isMore) {
    context.stderr.write(
      `birdman: there are more; these are the newest ${String(tasks.length)} (--limit shows more, --state, --node, --name and --label fewer)\n`,
    );
  }
}

/** The newest tasks up to the limit, and whether there are more. */
async function newest(client: Birdman, options: StatusOptions) {
  const { limit } = options;
  const tasks = [];
  for await (const task of client.everyTask({ ...filterOf(options), limit: Math.max(1, Math.min(limit, 1000)) })) {
    if (tasks.length === limit) return { tasks, isMore: true };
    tasks.push(task);
  }
  return { tasks, isMore: false };
}

function filterOf({ state, node, name, label }: StatusOptions): TaskFilter {
  return {
    ...(state === undefined ? {} : { state }),
    ...(node === undefined ? {} : { node }),
    ...(name === undefined ? {} : { name }),
    ...(label === undefined ? {} : { label }),
  };
}

async function show(
  client: Birdman,
  {
    task: word,
    options,
    context,
  }: { readonly task: string; readonly options: StatusOptions; readonly context: Context },
): Promise<void> {
  const id = await resolveTask(client, word, context.now());
  if (options.output !== "table") return printDocument(context, options.output, await client.task(id));
  const [task, events] = await Promise.all([client.task(id), client.taskEvents(id)]);
  const paint = painter(context, context.stdout, options.color);
  context.stdout.write(renderTask(task, events, { now: context.now(), width: context.stdout.columns, paint }));
}
