import { expect, it } from "vitest";
import { runChaos } from "./chaos.ts";

const MINUTES = Number(process.env["CHAOS_MINUTES"] ?? "2");
/** The same plan each time, so that a change is told from chance; others by CHAOS_SEED, or with `npm run chaos`. */
const SEED = Number(process.env["CHAOS_SEED"] ?? "3");
/** To come up, to settle and to clean up, at worst. */
const BESIDES_MS = 8 * 60_000;

it(
  `loses nothing and runs nothing twice, whatever breaks for ${String(MINUTES)} minutes (seed ${String(SEED)})`,
  async ({ signal }) => {
    const { violations, logs } = await runChaos({ minutes: MINUTES, seed: SEED, signal, say: console.log });
    expect(violations, `the logs of all processes: ${logs ?? ""}`).toEqual([]);
  },
  MINUTES * 60_000 + BESIDES_MS,
);
