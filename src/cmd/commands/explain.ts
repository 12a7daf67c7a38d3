import type { Command } from "commander";
import type { PlacementJson } from "../../api/placement-json.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { formatAge } from "../format.ts";
import { examples } from "../help.ts";
import { addConnectionOptions, addDisplayOptions, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import type { View } from "../task-table.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { renderTable, type Column } from "../terminal/table.ts";
import { printable } from "../terminal/text.ts";

export function configure(command: Command, context: Context): void {
  command
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .addHelpText(
      "after",
      examples([
        ["birdman explain echo", "why echo is on its node, or what keeps it from every node"],
        ["birdman explain echo -o json | jq .wouldFitIf", "the smallest change that would let it in"],
      ]),
    )
    .action(async (word: string, options: ClientOptions) => {
      const client = connect(options);
      const placement = await client.placement(await resolveTask(client, word, context.now()));
      if (options.output !== "table") return printDocument(context, options.output, placement);
      const paint = painter(context, context.stdout, options.color);
      context.stdout.write(renderPlacement(placement, { now: context.now(), width: context.stdout.columns, paint }));
    });
  addDisplayOptions(addConnectionOptions(command));
}

interface Verdict {
  readonly node: string;
  readonly verdict: string;
  readonly why: string;
  readonly isChosen: boolean;
}

/** One sentence, then a line for each node: what it costs, or everything that keeps the task from it. */
export function renderPlacement(placement: PlacementJson, { now, width, paint }: View): string {
  const { chosen, attempt, scheduler, decidedAt, considered, wouldFitIf } = placement;
  const sentence =
    chosen === null
      ? `Fits no node now, of ${String(considered)}.${wouldFitIf === null ? "" : ` What would help: ${wouldFitIf}.`}`
      : `Attempt ${String(attempt)} was placed on ${chosen} by ${scheduler} ${formatAge(decidedAt, now)} ago, out of ${String(considered)} considered.`;
  const columns: readonly Column<Verdict>[] = [
    { heading: "NODE", value: ({ node }) => node, shrinkTo: 12 },
    {
      heading: "COST",
      value: ({ verdict }) => verdict,
      paint: (cell, { isChosen }) => (isChosen ? paint("green", cell) : cell),
    },
    { heading: "WHY", value: ({ why }) => why, shrinkTo: 20 },
  ];
  const verdicts = [...costs(placement), ...rejections(placement)];
  const heading = `${paint("bold", printable(sentence))}\n`;
  return verdicts.length === 0 ? heading : `${heading}\n${renderTable(columns, verdicts, width)}`;
}

function costs({ costs: nodes, chosen }: PlacementJson): Verdict[] {
  return nodes.map(({ node, cost, terms }) => ({
    node,
    verdict: formatCost(cost),
    why: [
      ...(node === chosen ? ["chosen"] : []),
      ...Object.entries(terms).map(([name, value]) => `${name} ${formatCost(value)}`),
    ].join(", "),
    isChosen: node === chosen,
  }));
}

function rejections({ rejected }: PlacementJson): Verdict[] {
  return rejected.map(({ node, filters }) => ({
    node,
    verdict: "-",
    why: filters.map(({ message }) => message).join("; "),
    isChosen: false,
  }));
}

function formatCost(cost: number): string {
  return String(Number(cost.toPrecision(4)));
}
