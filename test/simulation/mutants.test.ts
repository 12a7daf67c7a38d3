/** The simulator, tested: each way to break the cores must be found within a thousand seeds. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runSeed } from "../../src/sim/run-seed.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";

const SEEDS = 1000;
const run = promisify(execFile);
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The seed that found it, and what the violation was. Rejects when none did. */
async function hunt({ name }: Mutant): Promise<{ readonly seed: number; readonly said: string }> {
  const args = ["--import", path("./preload.ts"), path("./hunt.ts"), String(SEEDS)];
  const { stdout: said } = await run(process.execPath, args, { env: { ...process.env, BIRDMAN_MUTANT: name } });
  return { seed: Number(/^seed (\d+): /.exec(said)?.[1]), said };
}

describe("mutants of the cores", () => {
  it.each(MUTANTS)("$name: its text occurs exactly once", ({ file, find }) => {
    const source = readFileSync(path(`../../src/${file}`), "utf8");
    expect(source.split(find).length - 1).toBe(1);
  });

  it.concurrent.each(MUTANTS)("$name: is found, by a seed with which nothing is wrong otherwise", async (mutant) => {
    const { seed, said } = await hunt(mutant);
    expect(seed, said).toBeGreaterThan(0);
    expect(runSeed({ seed }).violation).toBeUndefined();
  });
});
