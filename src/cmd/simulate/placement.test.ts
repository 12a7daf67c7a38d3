import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runLine } from "../../../test/support/run-line.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";

const KEYS = [
  "scheduler",
  "nodes",
  "tasks",
  "placed",
  "unplaced",
  "decisionsPerSecond",
  "meanSlowdown",
  "utilisation",
  "fragmentation",
  "imbalance",
];

const file = temporaryFiles();

const small = ["simulate", "--nodes", "5", "--tasks", "200"];

async function json(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { status, out, err } = await runLine([...args, "-o", "json"]);
  expect(err).toBe("");
  expect(status).toBe(0);
  return JSON.parse(out);
}

describe("birdman simulate --scheduler", () => {
  test("-o json is exactly a list of the measures, one element for each algorithm, in the order asked for", async () => {
    const results = await json([...small, "--scheduler", "binpack,epvm"]);
    expect(results.map(({ scheduler }) => scheduler)).toEqual(["binpack", "epvm"]);
    for (const result of results) {
      expect(Object.keys(result)).toEqual(KEYS);
      expect(result).toMatchObject({ nodes: 5, tasks: 200, placed: 200, unplaced: 0 });
      for (const [key, value] of Object.entries(result)) if (key !== "scheduler") expect(value).toBeTypeOf("number");
      expect(result["meanSlowdown"]).toBeGreaterThanOrEqual(1);
      expect(result["decisionsPerSecond"]).toBeGreaterThan(0);
    }
  });

  test("without a name all of them run, and the seed decides all but the speed", async () => {
    const figures = async (...args: string[]): Promise<unknown> =>
      (await json([...small, ...args])).map(({ decisionsPerSecond: _speed, ...rest }) => rest);
    const once = await figures("--seed", "4");
    expect(once).toHaveLength(SCHEDULERS.size);
    expect(await figures("--seed", "4")).toEqual(once);
    expect(await figures("--seed", "5")).not.toEqual(once);
  });

  test("prints a table", async () => {
    const { out } = await runLine([...small, "--scheduler", "greedy"]);
    expect(out).toMatch(/^SCHEDULER +NODES +TASKS +PLACED +UNPLACED +WAITED +SLOWDOWN/);
    expect(out).toMatch(/\ngreedy +5 +200 +200 +0 /);
  });

  test("takes an algorithm of the user's own", async () => {
    const path = file("first.mjs", 'export const name = "first"; export const cost = (task, node) => node.position;');
    expect(await json([...small, "--scheduler", path])).toMatchObject([{ scheduler: "first", placed: 200 }]);
  });

  test("places the tasks of a file on machines of one's own", async () => {
    const tasks = [
      { cpu: 1, memory: "1GiB", duration: "10s" },
      { cpu: 1, memory: "1GiB", duration: "30s" },
      { cpu: 1, memory: "1GiB", at: "4s", duration: "6s" },
      { cpu: 2, memory: "1GiB", duration: "6s" },
    ];
    const path = file("tasks.json", JSON.stringify(tasks));
    const results = await json([
      "simulate",
      "--workload",
      path,
      "--nodes",
      "2",
      "--machine",
      "1x1GiB",
      "--scheduler",
      "epvm",
    ]);
    // The third waits 6 s for its 6 s; the fourth is larger than any machine.
    expect(results).toMatchObject([
      { nodes: 2, tasks: 4, placed: 3, unplaced: 1, meanSlowdown: 1.333333, utilisation: 1 },
    ]);
  });

  test("a workload of which nothing can be placed has no slowdown", async () => {
    const path = file("huge.jsonl", '{"cpu": 1000, "duration": "1s"}\n');
    expect(await json(["simulate", "--workload", path, "--scheduler", "greedy"])).toMatchObject([
      { placed: 0, unplaced: 1, meanSlowdown: null, utilisation: 0, imbalance: 0 },
    ]);
  });

  test("--report writes one page that needs nothing else", async () => {
    const path = file("report.html");
    const algorithm = file("odd.mjs", 'export const name = "<b>&co"; export const cost = () => 1;');
    await runLine([...small, "--scheduler", `epvm,${algorithm}`, "--report", path]);
    const html = readFileSync(path, "utf8");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html.match(/<polyline /g)).toHaveLength(8);
    for (const title of ["Utilisation over time", "Pending over time", "Slowdown", "Load of the nodes"]) {
      expect(html).toContain(title);
    }
    expect(html).toContain("prefers-color-scheme:dark");
    expect(html).toContain("&lt;b&gt;&amp;co");
    expect(html).not.toContain("<b>&co");
    expect(html).not.toMatch(/<script|https?:|NaN|undefined|Infinity/);
  });
});

describe("wrong usage ends with 2 and says what there is", () => {
  test.each([
    [
      ["--scheduler", "gredy"],
      'no scheduler "gredy"',
      "roundrobin, greedy, epvm, binpack, spread",
      "(did you mean greedy?)",
    ],
    [["--scheduler", "epvm,,greedy"], "'epvm,,greedy' is invalid", "epvm,greedy"],
    [["--nodes", "0"], "'0' is invalid", "1 to 100000"],
    [["--tasks", "many"], "'many' is invalid", "1 to 10000000"],
    [["--load", "0.8"], "'0.8' is invalid", "80%"],
    [["--preset", "borg"], "'borg' is invalid", "trace, epvm-paper, epvm-blind, epvm-crowded"],
    [["--machine", "big"], "'big' is invalid", "32x128GiB"],
    [["--nodes", "5", "--seeds", "5"], "--nodes is about placement and --seeds about faults"],
    [["--preset", "epvm-paper", "--machine", "1x1GiB"], "epvm-paper has machines of its own"],
    [["--workload", "x.jsonl", "--tasks", "5"], "--workload and --tasks together"],
    [["--workload", "/nonexistent.jsonl"], "cannot read the file given with --workload", "/nonexistent.jsonl"],
    [["--nodes", "2", "--report", "/nonexistent/report.html"], "cannot write the file given with --report"],
    [[], "say what to simulate", "--seeds", "--scheduler"],
  ])("%j", async (args, ...words) => {
    const { status, out, err } = await runLine(["simulate", ...args]);
    for (const word of words) expect(err).toContain(word);
    expect(out).toBe("");
    expect(status).toBe(2);
  });
});
