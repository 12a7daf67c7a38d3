import { expect, test } from "vitest";
import { chooseScheduler, SCHEDULERS } from "./schedulers.ts";

test("every built-in scheduler is found by its name", () => {
  expect([...SCHEDULERS.keys()]).toEqual(["roundrobin", "greedy", "epvm", "binpack", "spread"]);
  for (const [name, algorithm] of SCHEDULERS) {
    expect(chooseScheduler(name)).toEqual({ kind: "builtIn", algorithm });
    expect(algorithm.name).toBe(name);
  }
});

test.each(["./mine.js", "../mine.mjs", "/etc/birdman/mine", "mine.ts", "lib/mine.cjs"])("%s is a module", (path) => {
  expect(chooseScheduler(path)).toEqual({ kind: "module", path });
});

test.each(["", "EPVM", "greedyy", "constructor"])("%j is neither, and the answer lists what there is", (name) => {
  expect(chooseScheduler(name)).toEqual({
    kind: "unknown",
    message: `no scheduler "${name}": it is one of roundrobin, greedy, epvm, binpack, spread, or the path of a module of your own`,
  });
});
