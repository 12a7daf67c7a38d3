import { describe, expect, it } from "vitest";
import { runSeed } from "./run-seed.ts";
import type { Line } from "./story.ts";

describe("a simulated cluster", () => {
  it("does the same again, happening by happening, for the same seed", () => {
    const stories = [1, 2].map(() => {
      const story: Line[] = [];
      const { simulatedMs, happened } = runSeed({ seed: 12, tell: (line) => story.push(line) });
      return { story, simulatedMs, happened };
    });
    expect(stories[0]?.story.length).toBeGreaterThan(100);
    expect(stories[1]).toEqual(stories[0]);
  });

  it("goes the same way whether or not its story is told", () => {
    const untold = runSeed({ seed: 5 });
    const told = runSeed({ seed: 5, tell: () => undefined });
    expect([told.simulatedMs, told.happened]).toEqual([untold.simulatedMs, untold.happened]);
  });
});
