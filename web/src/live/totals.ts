/** The cluster in a few numbers. */
import type { LiveTotals } from "../../../src/api/live-json.ts";
import type { NodeTable } from "./node-table.ts";
import type { Resources, Totals } from "./values.ts";

export const NO_TOTALS: Totals = {
  tasks: { pending: 0, scheduled: 0, running: 0, completed: 0, failed: 0 },
  nodes: { ready: 0, unreachable: 0, lost: 0, left: 0 },
  capacity: { cpu: 0, memory: 0, disk: 0 },
  reserved: { cpu: 0, memory: 0, disk: 0 },
  used: { cpu: 0, memory: 0, disk: 0 },
  scheduler: "",
  brake: undefined,
};

/** As `GET /stats` counts: capacity and use of the nodes that are ready, reservations of all. */
export function sumUp({ rows }: NodeTable, told: LiveTotals | undefined): Totals {
  const nodes = { ...NO_TOTALS.nodes };
  const capacity = { ...NO_TOTALS.capacity };
  const reserved = { ...NO_TOTALS.reserved };
  const used = { ...NO_TOTALS.used };
  for (const row of rows) {
    if (row === undefined) continue;
    nodes[row.facts.status] += 1;
    add(reserved, row.reserved);
    if (row.facts.status !== "ready") continue;
    add(capacity, row.facts.capacity);
    if (row.used !== undefined) add(used, row.used);
  }
  const { tasks = NO_TOTALS.tasks, scheduler = "", brake } = told ?? {};
  return { tasks, nodes, capacity, reserved, used, scheduler, brake: brake ?? undefined };
}

function add(sum: { cpu: number; memory: number; disk: number }, { cpu, memory, disk }: Resources): void {
  sum.cpu += cpu;
  sum.memory += memory;
  sum.disk += disk;
}
