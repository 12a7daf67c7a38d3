/** Where the keyboard is on the map: on a node, or on one of its tasks. */
import type { MapModel, Target } from "./map-model.ts";

export type Step = "left" | "right" | "up" | "down" | "first" | "last" | "into" | "out" | "next" | "previous";

interface Arranged extends Pick<MapModel, "order" | "placeOf"> {
  readonly columns: number;
}

/** Where a step leads from there; from nowhere, to the first node. `columns`: nodes in a row. */
export function stepped(
  from: Target | undefined,
  step: Step,
  { order, placeOf, columns }: Arranged,
): Target | undefined {
  const place = from === undefined ? undefined : placeOf[from.node.slot];
  if (from === undefined || place === undefined) return nodeAt(order, 0);
  switch (step) {
    case "left":
      return nodeAt(order, place - 1) ?? from;
    case "right":
      return nodeAt(order, place + 1) ?? from;
    case "up":
      return nodeAt(order, place - columns) ?? from;
    case "down":
      return nodeAt(order, place + columns) ?? from;
    case "first":
      return nodeAt(order, 0);
    case "last":
      return nodeAt(order, order.length - 1);
    case "into":
      return taskAt(from, 0) ?? from;
    case "out":
      return { kind: "node", node: from.node };
    case "next":
      return taskAt(from, indexOf(from) + 1) ?? from;
    case "previous":
      return taskAt(from, indexOf(from) - 1) ?? { kind: "node", node: from.node };
  }
}

function nodeAt(order: Arranged["order"], place: number): Target | undefined {
  const node = order[place];
  return node === undefined ? undefined : { kind: "node", node };
}

function taskAt({ node }: Target, index: number): Target | undefined {
  const slot = node.tasks[index];
  return slot === undefined ? undefined : { kind: "task", slot, node };
}

/** Before the first task while it is on the node itself. */
function indexOf(target: Target): number {
  return target.kind === "node" ? -1 : target.node.tasks.indexOf(target.slot);
}
