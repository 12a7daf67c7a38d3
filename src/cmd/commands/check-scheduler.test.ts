import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runLine } from "../../../test/support/run-line.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/scheduler.js", import.meta.url));

const file = temporaryFiles();

test("the example passes every check, and the time it takes is told", async () => {
  const { status, out, err } = await runLine(["check-scheduler", EXAMPLE, "--label", "price=0.12"]);
  expect([status, err]).toEqual([0, ""]);
  expect(out).toMatch(/^RESULT +CASES +CHECK\n(passed +\d+ +[a-z].*\n){7}\n/);
  expect(out).toMatch(/It takes [\d.,]+ µs a node \(median\)\. On a cluster of 500 nodes that is [\d.,]+ ms/);
});

test("a check that fails is shown with its counterexample, and ends with 1", async () => {
  const path = file("full.mjs", 'export const name = "mine";\nexport const cost = (task, node) => 1 / node.tasks;\n');
  const { status, out, err } = await runLine(["check-scheduler", path]);
  expect([status, err]).toEqual([1, "birdman: mine fails 1 of 7 checks\n"]);
  expect(out).toMatch(/^failed +\d+ +a cost is a finite number$/m);
  expect(out).toMatch(/^nothing to check +0 +a filter answers/m);
  expect(out).toMatch(/^Not so: a cost is a finite number\n {2}cost answered Infinity, for task .* 0 tasks/m);
});

test("a memory is found, since the module is loaded twice", async () => {
  const path = file(
    "memory.mjs",
    "const known = {};\nexport const cost = (task, node) => (known[node.name] ??= node.use.cpu);\n",
  );
  const { status, out } = await runLine(["check-scheduler", path, "-o", "json"]);
  const results = JSON.parse(out) as { check: string; passed: boolean; cases: number; counterexample: string | null }[];
  expect(status).toBe(1);
  expect(results.map((result) => Object.keys(result))).toEqual(
    Array.from({ length: 7 }, () => ["check", "passed", "cases", "counterexample"]),
  );
  expect(results.filter(({ passed }) => !passed)).toMatchObject([
    { check: "what was asked before makes no difference", counterexample: expect.stringContaining("fresh copy") },
  ]);
});

test("what a module writes into its answers does not reach the terminal as it is", async () => {
  const path = file("escape.mjs", 'export const cost = () => "\\u001b[2J";\n');
  const { out } = await runLine(["check-scheduler", path]);
  expect(out).toContain("cost answered");
  expect(out).not.toContain("\u001b");
});

test.each([
  [[], "missing required argument 'file'"],
  [["greedy"], "greedy is built in: give the file of a module of your own"],
  [["./nowhere.js"], "cannot load ./nowhere.js: "],
  [[EXAMPLE, "--seed", "x"], "'x' is invalid"],
  [[EXAMPLE, "--label", "x"], "'x' is invalid"],
])("%j is wrong usage", async (args, words) => {
  const { status, out, err } = await runLine(["check-scheduler", ...args]);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toContain(words);
});

test("a module that does not load is refused with why", async () => {
  const path = file("broken.mjs", 'throw new Error("no such luck");\n');
  const { status, err } = await runLine(["check-scheduler", path]);
  expect([status, err]).toEqual([2, `birdman: cannot load ${path}: no such luck\n`]);
});

test("a module that is no scheduler is refused with what is wrong with it", async () => {
  const { status, err } = await runLine(["check-scheduler", file("empty.mjs", "export const cost = 3;\n")]);
  expect(status).toBe(2);
  expect(err).toMatch(/^birdman: .*empty\.mjs is no scheduler: its cost is 3, not a function\n$/);
});
