/** Many nodes that will not do, in few lines: those that fail alike are one. */
import type { RejectionJson } from "../api/placement-json.ts";
import { RESOURCE_NAMES, type ResourceName } from "../node/ledger.ts";
import { formatAmount, ofResource } from "../scheduler/amounts.ts";
import { nearestFirst } from "../scheduler/nearest.ts";
import type { RejectedNode } from "../scheduler/scheduler.ts";

export interface NodeGroup {
  /** The nearest to taking the task first. */
  readonly nodes: readonly string[];
  /** What they all lack, in a sentence. */
  readonly why: string;
}

/** The group with the nearest node first. */
export function groupAlike(rejected: readonly RejectedNode[]): NodeGroup[] {
  const groups = new Map<string, RejectedNode[]>();
  for (const node of nearestFirst(rejected)) {
    const key = node.filters.map(kindOf).join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return [...groups.values()].map((nodes) => ({ nodes: nodes.map(({ node }) => node), why: whyAll(nodes) }));
}

/** Everything that keeps a task from one node. */
export function whyNot(filters: readonly RejectionJson[]): string {
  return filters.map(({ message }) => message).join("; ");
}

/** Nodes fail alike where the same filters ask for the same. */
function kindOf({ filter, needs }: RejectionJson): string {
  return `${filter} ${String(needs)}`;
}

function whyAll(nodes: readonly RejectedNode[]): string {
  const [first] = nodes;
  const reasons = first?.filters.map((_, index) => whyEach(nodes.flatMap(({ filters }) => filters[index] ?? [])));
  return (reasons ?? []).join("; ");
}

/** One filter's say on several nodes. */
function whyEach(rejections: readonly RejectionJson[]): string {
  const messages = new Set(rejections.map(({ message }) => message));
  const [first] = rejections;
  if (first === undefined || messages.size === 1) return first?.message ?? "";
  const resource = RESOURCE_NAMES.find((name) => name === first.filter);
  return resource === undefined ? whatTheyHave(first, rejections) : amountsFree(resource, first, rejections);
}

/** `needs 512 MiB of memory, 0 B to 200 MiB are free` */
function amountsFree(what: ResourceName, { needs }: RejectionJson, rejections: readonly RejectionJson[]): string {
  const free = rejections.map(({ has }) => Number(has));
  const [least, most] = [Math.min(...free), Math.max(...free)].map((amount) => formatAmount(what, amount));
  const range = least === most ? least : `${least ?? ""} to ${most ?? ""}`;
  return `needs ${ofResource(what, formatAmount(what, Number(needs)))}, ${range ?? ""} are free`;
}

const MOST_SHOWN = 3;

/** `needs label.disk == ssd: label.disk = hdd (120), no label disk (67)` */
function whatTheyHave({ needs }: RejectionJson, rejections: readonly RejectionJson[]): string {
  const counts = new Map<string, number>();
  for (const { has } of rejections) counts.set(String(has), (counts.get(String(has)) ?? 0) + 1);
  const commonest = [...counts].sort(([, a], [, b]) => b - a);
  const shown = commonest.slice(0, MOST_SHOWN).map(([has, count]) => `${has} (${String(count)})`);
  const others = commonest.slice(MOST_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  return `needs ${String(needs)}: ${[...shown, ...(others === 0 ? [] : [`others (${String(others)})`])].join(", ")}`;
}
