/** Where a worker's guard begins, a process of its own: `guard-main DIRECTORY ID`. */
import { pino } from "pino";
import { guard } from "../worker/guard.ts";
import { createRuntime } from "./servers/runtimes.ts";

const [directory = "", id = ""] = process.argv.slice(2);
const log = pino({ level: "silent" });

await guard({
  directory,
  id,
  createRuntime: async ({ runtimes, workerId }, kind) => {
    const own = runtimes.find((runtime) => runtime.kind === kind);
    return createRuntime(kind, { workerId, directory: own?.directory ?? directory, log });
  },
});
