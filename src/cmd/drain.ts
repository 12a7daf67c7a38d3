/** Waiting for a drain to end: done, or with what is in the way. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeJson } from "../api/node-json.ts";
import type { Birdman } from "../client/client.ts";
import type { Context } from "./context.ts";
import { ProgressLine } from "./terminal/progress.ts";

/** Milliseconds between two questions. */
const INTERVAL_MS = 200;

/** The node when its last task has left it, when what is left cannot move, or when the drain was called off. */
export async function waitForDrain(client: Birdman, context: Context, name: string): Promise<NodeJson> {
  const progress = new ProgressLine(context.stderr);
  try {
    for (;;) {
      const node = await client.node(name);
      const isStuck = node.drain?.blocked !== null || node.status !== "ready";
      if (node.drain === undefined || node.drain.left === 0 || isStuck) return node;
      progress.show(`draining ${name}: ${tasks(node.drain.left)} left`);
      await sleep(INTERVAL_MS);
    }
  } finally {
    progress.clear();
  }
}

/** Why a drain that has not ended goes no further, and what to do. */
export function inTheWay({ name, drain, status }: NodeJson): string {
  if (status !== "ready") {
    return `node ${name} is ${status}: its tasks move away once it is back, or are placed elsewhere once it is lost`;
  }
  const blocked = drain?.blocked ?? "what is left cannot move";
  return `node ${name} is not drained: ${blocked}. It goes on by itself when there is room; or: birdman node activate ${name}`;
}

function tasks(count: number): string {
  return count === 1 ? "1 task" : `${String(count)} tasks`;
}
