import type { Command } from "commander";
import type { EventJson } from "../../api/event-json.ts";
import type { Birdman, EventFilter } from "../../client/client.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { EventLines, renderEvents } from "../event-table.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { orSuggestNode } from "../suggest-node.ts";
import { TaskNames } from "../task-names.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument, printLine } from "../terminal/print.ts";
import { write } from "../terminal/write.ts";
import { parseCount, parseMoment } from "../values.ts";

interface EventsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly task?: string;
  readonly node?: string;
  readonly since?: string;
  readonly limit?: number;
}

/** What a stream begins with, unless it is told since when, or how many. */
const FIRST_FOLLOWED = 10;
const MOST = 1000;

export function configure(command: Command, context: Context): void {
  command
    .addOption(option("-f, --follow", "stay, and print what happens from now on"))
    .addOption(option("--task <task>", "only of this task: id, unique beginning of one, or name of a live task"))
    .addOption(option("--node <node>", "only of this node"))
    .addOption(
      option("--since <time>", "leave out what is older: a time, or a duration before now", (text) =>
        parseMoment(text, context.now()),
      ),
    )
    .addOption(
      option(
        "--limit <count>",
        `only so many, the newest (default: ${String(MOST)}; with -f ${String(FIRST_FOLLOWED)})`,
        parseCount,
      ),
    )
    .addHelpText(
      "after",
      examples([
        ["birdman events", "what has happened, oldest first"],
        ["birdman events -f", "the last ten events, and what follows"],
        ["birdman events --task echo --since 1h", "what became of echo in the last hour, and why"],
        ["birdman events -f -o json | jq 'select(.to == \"failed\")'", "one JSON a line, for programs"],
      ]),
    )
    .action(async (options: EventsOptions) => {
      const client = connect(options);
      const filter = await filterOf(client, options, context.now());
      if (options.follow === true) await follow(client, filter, { options, context });
      else await list(client, filter, { options, context });
    });
  addClientOptions(command);
}

interface Printing {
  readonly options: EventsOptions;
  readonly context: Context;
}

async function filterOf(client: Birdman, options: EventsOptions, now: number): Promise<EventFilter> {
  const { task, node, since, limit, follow: follows = false } = options;
  const first = follows && since === undefined ? FIRST_FOLLOWED : MOST;
  return {
    ...(task === undefined ? {} : { task: await resolveTask(client, task, now) }),
    ...(node === undefined ? {} : { node }),
    ...(since === undefined ? {} : { since }),
    limit: limit === undefined ? first : Math.min(limit, MOST),
  };
}

async function list(client: Birdman, filter: EventFilter, { options, context }: Printing): Promise<void> {
  const events = await client.eventList(filter);
  const { node } = filter;
  if (events.length === 0 && node !== undefined) await orSuggestNode(client, [node], async () => client.node(node));
  if (options.output !== "table") return printDocument(context, options.output, events);
  const names = new TaskNames(client);
  await names.learn(tasksOf(events));
  const paint = painter(context, context.stdout, options.color);
  context.stdout.write(renderEvents(events, { width: context.stdout.columns, paint, nameOf: names.of }));
  if (events.length === filter.limit && events.length > 0) {
    context.stderr.write(
      `birdman: these are the newest ${String(events.length)}; --task, --node and --since show others\n`,
    );
  }
}

async function follow(client: Birdman, filter: EventFilter, { options, context }: Printing): Promise<void> {
  const { output, color } = options;
  const names = new TaskNames(client);
  const paint = painter(context, context.stdout, color);
  const lines = new EventLines({ paint, nameOf: names.of });
  const say = (text: string): void => void context.stderr.write(`birdman: ${text}\n`);
  const events = client.events(filter, {
    onReset: () => say("the history does not go back to where it broke off; some events are missing here"),
    onConnection: (lost) => say(lost === undefined ? "the connection is there again" : `${lost.message}; trying again`),
  });
  for await (const event of events) {
    if (output === "table") {
      await names.learn(tasksOf([event]));
      await write(context.stdout, lines.render(event));
    } else await printLine(context, output, event);
  }
}

function tasksOf(events: readonly EventJson[]): string[] {
  return events.flatMap(({ task }) => task ?? []);
}
