/**
 * `npm run chaos [-- --minutes 10 --seed 4711 --faults workerKilled,lineCut]`: one run of the chaos suite. Exit status 1 when
 * something went wrong.
 */
import { parseArgs } from "node:util";
import { runChaos } from "./chaos.ts";
import { FAULT_KINDS } from "./faults.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: process.env["CHAOS_MINUTES"] ?? "2" },
    seed: { type: "string", default: process.env["CHAOS_SEED"] ?? String(Math.floor(Math.random() * 2 ** 32)) },
    faults: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const asked = values.faults?.split(",");
const faults = asked === undefined ? undefined : FAULT_KINDS.filter((kind) => asked.includes(kind));
if (!(minutes > 0) || !Number.isSafeInteger(seed) || faults?.length !== asked?.length) {
  process.stderr.write("usage: npm run chaos -- [--minutes N] [--seed S] [--faults KIND,…]\n");
  process.stderr.write(`the faults are ${FAULT_KINDS.join(", ")}\n`);
  process.exit(2);
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}

async function run(): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { violations, logs } = await runChaos({ minutes, seed, faults, signal: interrupted.signal, say });
  const only = values.faults === undefined ? "" : ` --faults ${values.faults}`;
  const again = `again with: npm run chaos -- --minutes ${values.minutes} --seed ${values.seed}${only}`;
  for (const violation of violations) say(`\n!!! ${violation}`);
  if (logs === undefined) say(`\nno violation; ${again}`);
  else say(`\n${String(violations.length)} violations; ${again}\nthe logs of all processes: ${logs}`);
  if (violations.length > 0) process.exitCode = 1;
}

await run().catch((error: unknown) => {
  process.exitCode = 1;
  if (!interrupted.signal.aborted) throw error;
  process.stderr.write(`${String(interrupted.signal.reason)}: everything that was started has been ended\n`);
});
