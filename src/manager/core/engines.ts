/** Nodes whose worker says that an engine does not answer: nothing new is placed there, and what runs is left as it is. */
import type { SickRuntimes } from "../../protocol/messages.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { Applier } from "./apply.ts";
import type { ManagedNode } from "./managed-node.ts";

/** What the worker says now; absent: all its engines answer. */
export function takeSick(apply: Applier, node: ManagedNode, sick: SickRuntimes = {}): void {
  const before = node.sick;
  node.sick = sick;
  for (const runtime of new Set(Object.keys({ ...before, ...sick }) as RuntimeKind[])) {
    const reason = sick[runtime];
    if ((reason === undefined) === (before[runtime] === undefined)) continue;
    apply.node(node, { mayLetIn: reason === undefined });
    const sentence = reason === undefined ? `${runtime} answers again` : `${runtime} does not answer: ${reason}`;
    apply.event({ kind: "node", node: node.name, reason: sentence });
  }
}

/** Which of the node's engines do not answer, in a sentence; empty when all do. */
export function sickSentence({ sick }: ManagedNode): string {
  return Object.entries(sick)
    .map(([runtime, reason]) => `${runtime} does not answer: ${reason}`)
    .join("; ");
}
