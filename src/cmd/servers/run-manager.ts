import { resolve } from "node:path";
import packageFile from "../../../package.json" with { type: "json" };
import type { Context } from "../context.ts";
import type { ManagerOptions } from "../server-options.ts";
import { painter } from "../terminal/paint.ts";
import { serverAccess } from "./access.ts";
import { startManager } from "./compose-manager.ts";
import { defaultDataDir, thisUser } from "./data-dir.ts";
import { Lifetime } from "./lifetime.ts";
import { livenessOf } from "./liveness.ts";
import { loadScheduler } from "./load-scheduler.ts";
import { createLogger } from "./logging.ts";

/** Runs a manager until it is told to end. Rejects with a UsageError or a CommandError. */
export async function runManager(options: ManagerOptions, context: Context): Promise<void> {
  const log = createLogger(options, context.stderr, painter(context, context.stderr));
  using lifetime = new Lifetime({ log, context });
  const algorithm = await loadScheduler(options.scheduler);
  const dataDir = resolve(options.dataDir ?? defaultDataDir(["manager"], thisUser(context.env)));
  const manager = await startManager({
    listen: options,
    http: serverAccess({
      listen: options,
      access: options,
      names: [],
      onTokenError: (error) => log.warn(error.message),
    }),
    store: options.store,
    dataDir,
    algorithm,
    costUse: options.costUse,
    settings: livenessOf(options),
    retention: { keepMs: options.keep, keepTasks: options.keepTasks, keepEvents: options.keepEvents },
    log,
    onFatal: lifetime.fail,
  });
  const store = options.store === "memory" ? "memory (nothing is kept)" : `persistent in ${dataDir}`;
  context.stdout.write(
    `birdman manager ${packageFile.version}: ${manager.url}, scheduler ${algorithm.name} (${options.costUse} use), store ${store}\n`,
  );
  await lifetime.run(manager.close);
}
