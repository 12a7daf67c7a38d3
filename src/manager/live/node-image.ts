/**
 * A node as the readers of the live feed have been told of it. Rows are written from images alone, for whoever has just
 * come too, so that all have the same picture; `look` brings an image up to date and says what is new in it.
 */
import type { Availability, NodeFacts, NodeStatus, NodeUse, TaskUse } from "../../node/node.ts";
import type { TaskId } from "../../task/id.ts";
import type { Resources } from "../../task/spec.ts";
import { sickSentence } from "../core/engines.ts";
import type { ManagedNode } from "../core/managed-node.ts";

const MIB = 2 ** 20;

/** In hundredths of a core and in MiB; -1: not measured. What changes by less is not told. */
export interface Measured {
  readonly cpu: number;
  readonly memory: number;
}

export const NOT_MEASURED: Measured = { cpu: -1, memory: -1 };

export interface NodeLoad {
  readonly reserved: Resources;
  readonly used: Resources | undefined;
}

export interface NodeImage {
  readonly facts: NodeFacts;
  readonly joinedAt: number;
  readonly status: NodeStatus;
  readonly availability: Availability;
  readonly reason: string;
  readonly blocked: string;
  readonly load: NodeLoad;
  /** By task, as the node measured it. */
  readonly taskUse: ReadonlyMap<TaskId, TaskUse>;
}

/** With `use`, what is measured is brought up to date as well. */
export function look(node: ManagedNode, before: NodeImage | undefined, use: boolean): NodeImage {
  const isUseNew = use || before === undefined;
  const { facts, joinedAt, status, availability } = node;
  return {
    ...{ facts, joinedAt, status, availability },
    reason: node.reason === "" ? sickSentence(node) : node.reason,
    blocked: node.drainBlocked ?? "",
    load: { reserved: plain(node.ledger.reserved), used: isUseNew ? rounded(node.lastUse) : before.load.used },
    taskUse: isUseNew ? node.taskUse : before.taskUse,
  };
}

export type News = "nothing" | "load" | "everything";

export function newsIn(image: NodeImage, before: NodeImage | undefined): News {
  if (
    before === undefined ||
    image.facts !== before.facts ||
    image.status !== before.status ||
    image.availability !== before.availability ||
    image.reason !== before.reason ||
    image.blocked !== before.blocked
  ) {
    return "everything";
  }
  const isSame = isEqual(image.load.reserved, before.load.reserved) && isEqual(image.load.used, before.load.used);
  return isSame ? "nothing" : "load";
}

export function measured(use: TaskUse | undefined): Measured {
  if (use === undefined) return NOT_MEASURED;
  return { cpu: Math.round(use.cpu * 100), memory: Math.round(use.memory / MIB) };
}

function rounded(use: NodeUse | undefined): Resources | undefined {
  if (use === undefined) return undefined;
  const { cpu, memory } = measured(use);
  return { cpu: cpu / 100, memory: memory * MIB, disk: Math.round(use.disk / MIB) * MIB };
}

function plain({ cpu, memory, disk }: Resources): Resources {
  return { cpu, memory, disk };
}

function isEqual(a: Resources | undefined, b: Resources | undefined): boolean {
  return a?.cpu === b?.cpu && a?.memory === b?.memory && a?.disk === b?.disk;
}
