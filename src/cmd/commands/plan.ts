/** What if: where tasks would go, what would become of the tasks of nodes that go, and how much room there is. */
import { InvalidArgumentError, type Command } from "commander";
import type { PlansJson } from "../../api/plan-json.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addClientOptions, ListOption, option, type ClientOptions } from "../options.ts";
import { renderPlans } from "../plan-tables.ts";
import { whatDoesNotFit } from "../plan-words.ts";
import { orSuggestNode } from "../suggest-node.ts";
import { addTaskFlags } from "../task-flags.ts";
import { fileOption, tasksAsJson, type TaskSource } from "../task-source.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";

interface PlanOptions extends ClientOptions, TaskSource {
  readonly drain?: readonly string[];
  readonly lose?: readonly string[];
  readonly scheduler?: readonly (readonly string[])[];
  readonly capacity?: boolean;
  readonly all?: boolean;
}

export function configure(command: Command, context: Context, afterDashes: number): void {
  const group = "What if:";
  command
    .usage("[options] [IMAGE] [-- COMMAND...]")
    .argument("[words...]", "the image, and after -- the command, as of birdman run")
    .addOption(fileOption())
    .addOption(new ListOption("--drain <node>", "this node is drained", nodeName).helpGroup(group))
    .addOption(new ListOption("--lose <node>", "this node falls silent and is given up", nodeName).helpGroup(group))
    .addOption(
      new ListOption(
        "--scheduler <names>",
        `under these algorithms, side by side: ${[...SCHEDULERS.keys()].join(",")} (default: the manager's)`,
        parseSchedulers,
      ).helpGroup(group),
    )
    .addOption(option("--capacity", "how many more of each task there is room for").helpGroup(group))
    .addOption(option("--all", "a line for every task and node, however many there are").helpGroup("Output:"));
  const taskFlags = addTaskFlags(command, context.env).map((flag) => flag.attributeName());
  addClientOptions(command)
    .addHelpText(
      "after",
      `${examples([
        ["birdman plan -f tasks.yaml", "where the tasks of a file would go now"],
        ["birdman plan --memory 2GiB nginx", "where one more task would go"],
        ["birdman plan -f tasks.yaml --scheduler greedy,epvm,binpack", "under three algorithms, side by side"],
        ["birdman plan --drain worker1", "what would move where, and what would stay"],
        ["birdman plan --lose worker1 --lose worker2", "whether the cluster bears the loss of two nodes"],
        ["birdman plan --capacity --memory 2GiB nginx", "how many more such tasks there is room for"],
        ["birdman plan --lose worker1 -f tasks.yaml", "whether there would still be room for the tasks"],
      ])}\n\nNothing of it happens. Exit status: 0 when everything fits (under every algorithm asked for), 1 when something would not.`,
    )
    .action(async (words: readonly string[], options: PlanOptions) => {
      const asksForTasks =
        options.file !== undefined || words.length > 0 || taskFlags.some((name) => isGiven(command, name));
      const tasks = asksForTasks
        ? await tasksAsJson(command, { words, options, taskFlags, afterDashes, context })
        : undefined;
      const plans = await ask(tasks, options);
      if (options.output === "table") {
        const paint = painter(context, context.stdout, options.color);
        const { drain = [], lose = [], all = false } = options;
        const view = { width: context.stdout.columns, paint, showsAll: all };
        context.stdout.write(renderPlans(plans, { drain, lose }, view));
      } else await printDocument(context, options.output, plans);
      if (!plans.fits) throw new CommandError(whatDoesNotFit(plans));
    });
}

async function ask(tasks: string | undefined, options: PlanOptions): Promise<PlansJson> {
  const { drain = [], lose = [], scheduler = [], capacity = false } = options;
  if (tasks === undefined && (capacity || (drain.length === 0 && lose.length === 0))) {
    const nodes = capacity ? "" : ", --drain NODE or --lose NODE";
    throw new UsageError(`nothing to plan: give an IMAGE, a file with -f${nodes}`);
  }
  const rest = JSON.stringify({ drain, lose, schedulers: scheduler.flat(), capacity });
  // The tasks may be many: what is JSON already is not parsed to be written once more.
  const json = tasks === undefined ? rest : `{"tasks":${tasks},${rest.slice(1)}`;
  const client = connect(options);
  return orSuggestNode(client, [...drain, ...lose], async () => client.planJson(json));
}

function isGiven(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === "cli";
}

function nodeName(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must be a node's name.");
}

function parseSchedulers(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) if (name === "") throw new InvalidArgumentError("It must be names with commas between.");
  return names;
}
