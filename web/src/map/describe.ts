/** The map in words: for tooltips, and for those who do not see it. */
import type { Cluster } from "../live/cluster.ts";
import type { NodeRow } from "../live/node-table.ts";
import type { Resources } from "../live/values.ts";
import type { Target } from "./map-model.ts";

export interface Description {
  readonly title: string;
  readonly lines: readonly string[];
}

export function describe(cluster: Cluster, target: Target): Description {
  return target.kind === "node" ? describeNode(target.node) : describeTask(cluster, target.slot);
}

export function describeCluster(cluster: Cluster): string {
  const { nodes, tasks } = cluster.totals;
  const away = nodes.unreachable + nodes.lost;
  const live = `${count(cluster.taskCount, "task")} on ${count(cluster.nodeCount, "node")}`;
  const trouble = [
    ...(away > 0 ? [`${count(away, "node")} away`] : []),
    ...(tasks.pending > 0 ? [`${count(tasks.pending, "task")} waiting for a place`] : []),
  ];
  return [`Map of the cluster: ${live}`, ...trouble].join(", ");
}

function describeNode({ facts, tasks, reserved, blocked }: NodeRow): Description {
  const { name, status, availability, reason, capacity } = facts;
  const state = availability === "active" ? status : `${status}, ${availability}`;
  return {
    title: name,
    lines: [
      `${state} · ${count(tasks.length, "task")}`,
      `reserved: ${shares(reserved, capacity)}`,
      ...[reason, blocked].filter((line) => line !== ""),
    ],
  };
}

function describeTask(cluster: Cluster, slot: number): Description {
  const { name, state, health, node, runs, restarts, reason, demand } = cluster.taskAt(slot);
  const healthWord = health === "none" ? "" : `, ${health}`;
  return {
    title: name,
    lines: [
      `${state}${healthWord}${node === undefined ? "" : ` on ${node}`}`,
      runs,
      `reserves ${amount(demand)}`,
      ...(restarts > 0 ? [count(restarts, "restart")] : []),
      ...(reason === "" ? [] : [reason]),
    ],
  };
}

function shares(reserved: Resources, capacity: Resources): string {
  const share = (part: number, whole: number): string =>
    `${String(whole > 0 ? Math.round((100 * part) / whole) : 0)} %`;
  return `cpu ${share(reserved.cpu, capacity.cpu)}, memory ${share(reserved.memory, capacity.memory)}`;
}

function amount({ cpu, memory }: Resources): string {
  return `${String(Number(cpu.toFixed(3)))} cores, ${String(Math.round(memory / 2 ** 20))} MiB`;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}
