import type { Command } from "commander";
import type { NodeJson } from "../../api/node-json.ts";
import type { Availability } from "../../node/node.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";
import { inTheWay, waitForDrain } from "../drain.ts";
import { examples } from "../help.ts";
import { renderNode, renderNodes } from "../node-table.ts";
import { addClientOptions, type ClientOptions } from "../options.ts";
import { orSuggestNode } from "../suggest-node.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { parseCount } from "../values.ts";

export function configure(command: Command, context: Context): void {
  command.usage("[command] [options]").addHelpText(
    "after",
    examples([
      ["birdman node", "the nodes"],
      ["birdman node drain worker1", "move its tasks elsewhere, one at a time, and give it no new ones"],
      ["birdman node drain worker1 --parallel 4", "four at a time"],
      ["birdman node activate worker1", "let it have tasks again"],
      ["birdman node remove worker1", "forget a node that is down"],
    ]),
  );
  const list = command.command("list", { isDefault: true }).description("list the nodes");
  list.action(async (options: ClientOptions) => {
    const nodes = await connect(options).nodes();
    if (options.output !== "table") return printDocument(context, options.output, nodes);
    context.stdout.write(renderNodes(nodes, viewOf(context, options)));
  });
  const show = command.command("show").argument("<node>", "its name").description("everything about one node");
  show.action(async (name: string, options: ClientOptions) => {
    const client = connect(options);
    await print(await orSuggestNode(client, [name], async () => client.node(name)), options, context);
  });
  const drain = command
    .command("drain")
    .argument("<node>", "its name")
    .description("move its tasks elsewhere and give it no new ones")
    .option("--parallel <n>", "tasks that move at a time", parseCount, 1)
    .option("--no-wait", "do not wait until it is drained, or cannot be");
  drain.action(async (name: string, options: DrainOptions) => {
    const client = connect(options);
    const { parallel } = options;
    const first = await orSuggestNode(client, [name], async () =>
      client.setAvailability(name, { availability: "drain", parallel }),
    );
    const node = options.wait ? await waitForDrain(client, context, name) : first;
    if (options.output === "table") context.stdout.write(`${name}\n`);
    else await print(node, options, context);
    if (options.wait && node.drain !== undefined && node.drain.left > 0) throw new CommandError(inTheWay(node));
  });
  for (const { word, availability, summary } of AVAILABILITIES) {
    const change = command.command(word).argument("<node>", "its name").description(summary);
    change.action(async (name: string, options: ClientOptions) => {
      const client = connect(options);
      const node = await orSuggestNode(client, [name], async () => client.setAvailability(name, { availability }));
      if (options.output === "table") context.stdout.write(`${name}\n`);
      else await print(node, options, context);
    });
  }
  const remove = command.command("remove").argument("<node>", "its name").description("forget a node that is down");
  remove.action(async (name: string, options: ClientOptions) => {
    const client = connect(options);
    const node = await orSuggestNode(client, [name], async () => client.node(name));
    await client.removeNode(name);
    if (options.output === "table") context.stdout.write(`${name}\n`);
    else await print(node, options, context);
  });
  for (const each of command.commands) addClientOptions(each);
}

const AVAILABILITIES: readonly {
  readonly word: string;
  readonly availability: Availability;
  readonly summary: string;
}[] = [
  { word: "pause", availability: "pause", summary: "give it no new tasks" },
  { word: "activate", availability: "active", summary: "let it have tasks again" },
];

interface DrainOptions extends ClientOptions {
  readonly parallel: number;
  readonly wait: boolean;
}

async function print(node: NodeJson, options: ClientOptions, context: Context): Promise<void> {
  if (options.output !== "table") return printDocument(context, options.output, node);
  context.stdout.write(renderNode(node, viewOf(context, options)));
}

function viewOf(context: Context, { color }: ClientOptions) {
  return {
    now: context.now(),
    width: context.stdout.columns,
    paint: painter(context, context.stdout, color),
  };
}
