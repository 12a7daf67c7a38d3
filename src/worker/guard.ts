/**
 * The guard: ends the tasks that must not run twice (`onDisconnect: stop`) when their lease is over, whether or not the
 * worker that started them is there to do it. It reads what the worker wrote, waits, and reads again before it acts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { BootClock, readBootId } from "../stats/boot-clock.ts";
import { readOrders, type GuardFile } from "./guard-orders.ts";
import type { Runtime } from "./runtimes/runtime.ts";

export interface GuardParts {
  /** The worker's data directory. */
  readonly directory: string;
  /** This guard. */
  readonly id: string;
  readonly createRuntime: (orders: GuardFile, kind: Runtime["kind"]) => Promise<Runtime>;
}

/** The worker, if it is there, does it itself: so much later it has begun. Milliseconds. */
const PRECEDENCE_MS = 500;
/** Between two tries with an engine that fails. */
const RETRY_MS = 1000;

/** Resolves when it is not needed any more: nothing runs under the lease, or another guard took over. */
export async function guard(parts: GuardParts): Promise<void> {
  const clock = new BootClock();
  const bootId = readBootId();
  for (;;) {
    const orders = readOrders(parts.directory);
    if (orders?.guard !== parts.id || orders.bootId !== bootId || orders.runs.length === 0) return;
    const waitMs = orders.untilMono + PRECEDENCE_MS - clock.mono();
    if (waitMs > 0) await delay(waitMs);
    else if (await endAll(parts, orders)) return;
    else await delay(RETRY_MS);
  }
}

/** False when something could not be ended. */
async function endAll({ createRuntime }: GuardParts, orders: GuardFile): Promise<boolean> {
  const ended = await Promise.allSettled(
    orders.runtimes.map(async ({ kind }) => {
      const runs = orders.runs.filter(({ runtime }) => runtime === kind);
      if (runs.length === 0) return;
      const runtime = await createRuntime(orders, kind);
      try {
        await Promise.all(runs.map(async ({ run, stopTimeoutMs }) => runtime.stop(run, stopTimeoutMs)));
      } finally {
        await runtime.close();
      }
    }),
  );
  return ended.every(({ status }) => status === "fulfilled");
}
