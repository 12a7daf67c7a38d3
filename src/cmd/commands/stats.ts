import type { Command } from "commander";
import type { NodeJson } from "../../api/node-json.ts";
import type { ClusterStatsJson } from "../../api/stats-json.ts";
import { formatDuration } from "../../utils/durations.ts";
import { TASK_STATES } from "../../task/state.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { renderNodes, share } from "../node-table.ts";
import { addClientOptions, type ClientOptions } from "../options.ts";
import type { View } from "../task-table.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { renderFields } from "../terminal/table.ts";

export function configure(command: Command, context: Context): void {
  command
    .addHelpText(
      "after",
      examples([
        ["birdman stats", "totals of the cluster, and the use of each node"],
        ["birdman stats -o json", "the totals as the API gives them"],
      ]),
    )
    .action(async (options: ClientOptions) => {
      const client = connect(options);
      if (options.output !== "table") return printDocument(context, options.output, await client.stats());
      const [stats, nodes] = await Promise.all([client.stats(), client.nodes()]);
      const paint = painter(context, context.stdout, options.color);
      context.stdout.write(renderStats(stats, nodes, { now: context.now(), width: context.stdout.columns, paint }));
    });
  addClientOptions(command);
}

function renderStats(stats: ClusterStatsJson, nodes: readonly NodeJson[], view: View): string {
  const { tasks, nodes: counts } = stats;
  const totals = renderFields(
    [
      ["Tasks", TASK_STATES.map((state) => `${String(tasks[state])} ${state}`).join(", ")],
      [
        "Nodes",
        `${String(counts.ready)} ready, ${String(counts.unreachable)} unreachable, ${String(counts.lost)} lost`,
      ],
      ["CPU", `${share(stats, "cpu")} reserved/capacity (used)`],
      ["Memory", share(stats, "memory")],
      ["Disk", share(stats, "disk")],
      ["Scheduler", stats.scheduler],
      ["Store", stats.store],
      ["Up", formatDuration(stats.uptime)],
      ...(stats.brake === undefined ? [] : [["Brake", `on: ${stats.brake.reason}`] as const]),
    ],
    { name: (name) => view.paint("bold", name), value: (value) => value },
  );
  return nodes.length === 0 ? totals : `${totals}\n${renderNodes(nodes, view)}`;
}
