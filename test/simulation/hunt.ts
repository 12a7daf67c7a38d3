/** Runs seeds until one ends in a violation and says which; exit code 1 when none does. `node hunt.ts SEEDS` */
import { sweep } from "../../src/sim/sweep.ts";

const seeds = Number(process.argv[2]);
let found: string | undefined;
for (const { violated } of sweep({ from: 1, seeds, without: new Set(), only: "dense" })) {
  const [first] = violated;
  if (first === undefined) continue;
  found = `seed ${String(first.seed)}: ${first.violation?.message.split("\n", 1)[0] ?? ""}`;
  break;
}
console.log(found ?? `no violation in ${String(seeds)} seeds`);
process.exitCode = found === undefined ? 1 : 0;
