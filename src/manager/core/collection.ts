/**
 * Forgetting what has been kept long enough. A task that has ended must be known for as long as some node may still hold an
 * attempt of it: once it is forgotten, that attempt would be adopted as if it had never been known.
 */
import { attemptKey } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";
import type { ManagedNode } from "./managed-node.ts";

/** What ended just now is still spoken of: results are repeated until they are taken. */
const LEAST_AGE_MS = 15 * 60_000;

export function collect(apply: Applier, { ended, events }: Extract<ManagerEvent, { kind: "recordsExpired" }>): void {
  const nodes = [...apply.state.nodes.values()];
  for (const expired of ended) {
    const { finishedAt } = expired.task;
    if (finishedAt === undefined || apply.now.wall - finishedAt < LEAST_AGE_MS) continue;
    if (!nodes.some((node) => mayHold(node, expired.task))) apply.forget(expired);
  }
  apply.forgetEvents(events);
}

/** A node that is there has confirmed the ends of all but its strays; one that is away has, of what it was heard to have. */
function mayHold(node: ManagedNode, { id, nodeId, attempt, createdAt }: Task): boolean {
  if (node.strays.has(attemptKey(id, attempt))) return true;
  if (node.session !== undefined || createdAt > node.lastSeenAt) return false;
  // Where its earlier attempts were is not known any more.
  return nodeId === node.id || attempt > 1;
}
