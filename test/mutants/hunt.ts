/** Runs seeds until one ends in a violation and says which; exit code 1 when none does. `node hunt.ts SEEDS` */
import { runSeed } from "../../src/sim/run-seed.ts";

const seeds = Number(process.argv[2]);
let found: string | undefined;
for (let seed = 1; seed <= seeds && found === undefined; seed += 1) {
  const { violation } = runSeed({ seed });
  if (violation !== undefined) found = `seed ${String(seed)}: ${violation.message.split("\n", 1)[0] ?? ""}`;
}
console.log(found ?? `no violation in ${String(seeds)} seeds`);
process.exitCode = found === undefined ? 1 : 0;
