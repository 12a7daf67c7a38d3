import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import packageFile from "../../../package.json" with { type: "json" };
import type { Context } from "../context.ts";
import { runtimesOf, type DevOptions } from "../server-options.ts";
import { painter } from "../terminal/paint.ts";
import { startDev, type RunningDev } from "./compose-dev.ts";
import { Lifetime } from "./lifetime.ts";
import { loadScheduler } from "./load-scheduler.ts";
import { createLogger } from "./logging.ts";

/** For tasks to end in. */
const PATIENCE_MS = 120_000;

/** Runs a manager and workers until they are told to end. Rejects with a UsageError or a CommandError. */
export async function runDev(options: DevOptions, context: Context): Promise<void> {
  const paint = painter(context, context.stderr);
  const log = createLogger(options, context.stderr, paint);
  using lifetime = new Lifetime({ log, context, patienceMs: PATIENCE_MS });
  const algorithm = await loadScheduler(options.scheduler);
  using directory = directoryFor(options);
  const dev = await startDev({
    ...options,
    algorithm,
    store: options.store ?? (options.dataDir === undefined ? "memory" : "persistent"),
    dataDir: directory.path,
    runtimes: runtimesOf(options),
    log,
    onFatal: lifetime.fail,
  });
  context.stdout.write(describe(dev, { algorithm: algorithm.name, dataDir: options.dataDir }));
  const end = async (): Promise<void> => {
    if (options.dataDir === undefined) await dev.clear();
    await dev.close();
  };
  await lifetime.run(end);
}

/** The directory that was asked for, or one for now that goes away. */
function directoryFor({ dataDir }: DevOptions): Disposable & { readonly path: string } {
  if (dataDir !== undefined) return { path: resolve(dataDir), [Symbol.dispose]: () => undefined };
  const path = mkdtempSync(join(tmpdir(), "birdman-dev-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function describe(
  { manager, workers }: RunningDev,
  { algorithm, dataDir }: { algorithm: string; dataDir: string | undefined },
): string {
  const count = workers.length === 1 ? "one worker" : `${String(workers.length)} workers`;
  const keeps = dataDir === undefined ? "nothing is kept" : `data in ${dataDir}`;
  return `birdman dev ${packageFile.version}: ${manager.url}, ${count} with ${workers[0]?.runtimes.join(", ") ?? ""}, scheduler ${algorithm}, ${keeps}\n`;
}
