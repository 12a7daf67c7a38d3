/**
 * The guard: ends the tasks that must not run twice (`onDisconnect: stop`) when their lease is over, whether or not the
 * worker that started them is there to do it. It reads what the worker wrote, waits, and reads again before it acts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { BootClock, readBootId } from "../stats/boot-clock.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { GuardedRun } from "./core/events.ts";
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
const PRECEDENCE_MS = 300;
/** What an engine may take beyond the stop timeout, before it counts as one that does not answer. */
const ENGINE_MS = 500;
/** Between two tries with an engine that fails. */
const RETRY_MS = 1000;

/** Resolves when it is not needed any more: nothing runs under the lease, or another guard took over. */
export async function guard({ directory, id, createRuntime }: GuardParts): Promise<void> {
  const clock = new BootClock();
  const bootId = readBootId();
  const runtimes = new Map<RuntimeKind, Runtime>();
  for (;;) {
    const orders = readOrders(directory);
    if (orders?.guard !== id || orders.bootId !== bootId || orders.runs.length === 0) break;
    for (const { runtime: kind } of orders.runs) {
      // Now, since there is no time to lose when the lease is over.
      if (!runtimes.has(kind)) runtimes.set(kind, await createRuntime(orders, kind));
    }
    const waitMs = orders.untilMono + PRECEDENCE_MS - clock.mono();
    if (waitMs > 0) await delay(waitMs);
    else if (await endAll(runtimes, orders)) break;
    else await delay(RETRY_MS);
  }
  await Promise.race([Promise.all([...runtimes.values()].map(async (each) => each.close())), delay(RETRY_MS)]);
}

/** False when something could not be ended. */
async function endAll(runtimes: ReadonlyMap<RuntimeKind, Runtime>, { runs }: GuardFile): Promise<boolean> {
  const ended = await Promise.allSettled(
    runs.map(async (run) => {
      const runtime = runtimes.get(run.runtime);
      if (runtime !== undefined) await end(runtime, run);
    }),
  );
  return ended.every(({ status }) => status === "fulfilled");
}

/** By its engine; and where that does not answer in time, without it. Rejects when neither worked. */
async function end(runtime: Runtime, { run, stopTimeoutMs, containerId }: GuardedRun): Promise<void> {
  const isLate = delay(stopTimeoutMs + ENGINE_MS, "late" as const, { ref: false });
  try {
    if ((await Promise.race([runtime.stop(run, stopTimeoutMs), isLate])) !== "late") return;
  } catch (error) {
    if (runtime.killWithoutEngine === undefined) throw error;
  }
  if ((await runtime.killWithoutEngine?.(run, containerId)) !== true) throw new Error("the engine does not answer");
}
