/** What operators do with nodes: pause, drain (how it goes on: `drains.ts`), activate, remove. */
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";
import { leasedForMs, withoutNode } from "./liveness.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

const SENTENCES = {
  active: "takes new tasks",
  pause: "takes no new tasks",
  drain: "its tasks are moved away",
} as const;

export function setAvailability(apply: Applier, event: Of<"availabilityRequested">): void {
  const node = apply.state.nodeNamed(event.node);
  if (node === undefined) {
    apply.reply(event.request, { kind: "unknown" });
    return;
  }
  apply.reply(event.request, { kind: "done" });
  const parallel = event.parallel ?? 1;
  if (node.availability === event.availability && node.drainParallel === parallel) return;
  const from = node.availability;
  node.availability = event.availability;
  node.drainParallel = parallel;
  node.drainTriedAt = undefined;
  node.drainBlocked = undefined;
  if (node.status === "ready") node.reason = "";
  apply.node(node, { durable: true, mayLetIn: true });
  apply.event({ kind: "node", node: node.name, from, to: event.availability, reason: SENTENCES[event.availability] });
}

/** Forgets a node that is down. What was placed there is placed again; what was to stop counts as stopped. */
export function removeNode(apply: Applier, event: Of<"nodeRemovalRequested">): void {
  const { state, now } = apply;
  const node = state.nodeNamed(event.node);
  if (node === undefined) {
    apply.reply(event.request, { kind: "unknown" });
    return;
  }
  const leasedMs = leasedForMs(apply, node);
  if (node.status === "ready" || leasedMs > 0) {
    apply.reply(event.request, { kind: "nodeUp", leasedMs: node.status === "ready" ? 0 : leasedMs });
    return;
  }
  for (const id of [...node.tasks]) {
    const task = state.tasks.get(id);
    if (task !== undefined) apply.task(withoutNode(task, `its node ${node.name} was removed`, now));
  }
  if (node.session !== undefined) apply.close(node.session.id);
  apply.removeNode(node);
  apply.event({ kind: "node", node: node.name, from: node.status, reason: "removed from the cluster" });
  apply.reply(event.request, { kind: "done" });
}
