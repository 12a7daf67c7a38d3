/** The command line as a user has it: `bin/birdman` against a manager and workers in a process of their own. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BirdmanProcess, freePort, startBirdman, until } from "../support/birdman-process.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/birdman");
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const ONE_ID = new RegExp(`^${UUID}\\n$`);

let dev: BirdmanProcess;
let url: string;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "birdman-cli-"));
  const runtimes = ["--runtime", "process,hollow"];
  // What else the machine does is not to decide where tasks go, which is foretold here.
  const costs = ["--cost-use", "reserved"];
  dev = startBirdman(["dev", "--workers", "2", "--port", "0", "--worker-port", "0", ...runtimes, ...costs]);
  url = await until("dev to start", () => /birdman dev \S+: (http:\S+), 2 workers/.exec(dev.output())?.[1]);
  await until("both workers", () => birdman("node", "-o", "json").out.split('"status":"ready"').length === 3);
});

/** What a test leaves running would take up the room of the next. */
afterEach(async () => {
  await until("every task to end", async () => {
    const states = ["pending", "scheduled", "running"].map(async (state) => answerOf(`/tasks?state=${state}`));
    const live = (await Promise.all(states)).flat() as readonly { readonly id: string }[];
    await Promise.all(live.map(async ({ id }) => fetch(`${url}/tasks/${id}`, { method: "DELETE" })));
    return live.length === 0;
  });
});

afterAll(async () => {
  await dev.end("SIGINT");
  rmSync(directory, { recursive: true });
});

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function birdman(...args: readonly string[]): Outcome {
  return runAt(url, args);
}

function runAt(manager: string, args: readonly string[], input = ""): Outcome {
  const env = { ...process.env, BIRDMAN_MANAGER: manager };
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, { env, input, encoding: "utf8", timeout: 30_000 });
  return { status, out: stdout, err: stderr };
}

/** Starts a plain process and waits until it runs; its id. */
function runScript(name: string, script: string, ...flags: readonly string[]): string {
  const { status, out, err } = birdman(
    "run",
    "--name",
    name,
    "--runtime",
    "process",
    "--wait",
    ...flags,
    "--",
    "sh",
    "-c",
    script,
  );
  expect(err).toBe("");
  expect(status).toBe(0);
  return out.trim();
}

async function answerOf(path: string): Promise<unknown> {
  return (await fetch(url + path)).json();
}

describe("run", () => {
  test("prints the id alone, and --wait returns once it runs", async () => {
    const { status, out, err } = birdman("run", "--name", "plain", "--runtime", "hollow", "--wait", "any:image");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(ONE_ID);
    expect(await answerOf(`/tasks/${out.trim()}`)).toMatchObject({ name: "plain", state: "running" });
  });

  test("hands over what the flags say", async () => {
    const flags = [
      "--name",
      "flags",
      "-e",
      "A=1",
      "-l",
      "tier=web",
      "--cpu",
      "0.2",
      "--memory",
      "32MiB",
      "--restart",
      "never",
    ];
    const { out } = birdman("run", "--runtime", "process", ...flags, "--", "sleep", "300", "--not-a-flag-of-ours");
    expect(await answerOf(`/tasks/${out.trim()}`)).toMatchObject({
      spec: {
        command: ["sleep", "300", "--not-a-flag-of-ours"],
        env: { A: "1" },
        labels: { tier: "web" },
        cpu: 0.2,
        memory: 33_554_432,
        restart: { policy: "never" },
      },
    });
  });

  test("says why a task failed, with its exit code and its last output", () => {
    const script = "echo before the end; exit 3";
    const { status, out, err } = birdman(
      "run",
      "--runtime",
      "process",
      "--restart",
      "never",
      "--wait",
      "--",
      "sh",
      "-c",
      script,
    );
    expect(status).toBe(1);
    expect(out).toMatch(ONE_ID);
    expect(err).toContain("failed on worker");
    expect(err).toContain("(exit code 3)");
    expect(err).toContain("before the end");
  });

  test("gives up waiting when it was told to, and the task stays", () => {
    const { status, out, err } = birdman(
      "run",
      "--runtime",
      "hollow",
      "--cpu",
      "10000",
      "--wait",
      "--timeout",
      "300ms",
      "x",
    );
    expect(status).toBe(1);
    expect(err).toContain("the time is up");
    expect(err).toMatch(/is pending: .*cpu/);
    expect(birdman("stop", out.trim()).status).toBe(0);
  });

  const task = '{"runtime": "hollow", "image": "x"}';
  test.each([
    { what: "a task of JSON", name: "task.json", text: task, count: 1 },
    { what: "a list of JSON", name: "list.json", text: `[${task}, ${task}]`, count: 2 },
    { what: "a task of YAML", name: "task.yaml", text: "runtime: hollow\nimage: x\n", count: 1 },
    { what: "a list of YAML", name: "list.yaml", text: `- ${task}\n- ${task}\n`, count: 2 },
    {
      what: "documents of YAML",
      name: "two.yaml",
      text: "image: x\nruntime: hollow\n---\nimage: y\nruntime: hollow\n",
      count: 2,
    },
  ])("takes $what from a file and from standard input", ({ name, text, count }) => {
    const ids = new RegExp(`^(${UUID}\\n){${String(count)}}$`);
    const file = join(directory, name);
    writeFileSync(file, text);
    expect(birdman("run", "-f", file)).toMatchObject({ status: 0, err: "", out: expect.stringMatching(ids) as string });
    expect(runAt(url, ["run", "-f", "-"], text).out).toMatch(ids);
  });

  test("takes an event of Cube's, and the event that stops its task", async () => {
    const id = "bb1d59ef-9fc1-4e4b-a44d-db571eeed203";
    const event = { ID: "a7aa1d44-08f6-443e-9378-f5884311019e", State: 2, Task: { ID: id, Name: "cube", Image: "x" } };
    expect(runAt(url, ["run", "-f", "-"], JSON.stringify(event)).out).toBe(`${id}\n`);
    expect(runAt(url, ["run", "-f", "-"], JSON.stringify({ ...event, State: 3 })).out).toBe(`${id}\n`);
    await until(
      "it to stop",
      async () => ((await answerOf(`/tasks/${id}`)) as { state: string }).state === "completed",
    );
  });

  test("shows every mistake in a file by its place", () => {
    const { status, out, err } = runAt(url, ["run", "-f", "-"], '[{"image": "x"}, {"imagee": "y", "cpu": -1}]');
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toMatch(/\/1\/imagee: .*did you mean "image"/);
    expect(err).toMatch(/\/1\/cpu: /);
  });
});

describe("status", () => {
  test("lists tasks under the contract's headings, without colour in a pipe", () => {
    const id = runScript("listed", "sleep 300");
    const { out } = birdman("status", "--name", "listed");
    const [headings, row] = out.split("\n");
    expect(headings?.split(/ {2,}/)).toEqual([
      "ID",
      "NAME",
      "STATE",
      "HEALTH",
      "NODE",
      "PORTS",
      "RESTARTS",
      "AGE",
      "IMAGE",
    ]);
    expect(row).toMatch(
      new RegExp(`^${id}  listed  running  -       worker\\d  -      0         \\d+s   sh -c sleep 300$`),
    );
    expect(out).not.toContain("\u001b");
  });

  test("prints exactly what the API answers as JSON, and the same as YAML", async () => {
    const id = runScript("exact", "sleep 300");
    const answer: unknown = await answerOf(`/tasks/${id}`);
    const withoutUse = (task: unknown): unknown => ({ ...(task as object), used: null });
    expect(withoutUse(JSON.parse(birdman("status", id, "-o", "json").out))).toEqual(withoutUse(answer));
    const { parse } = await import("yaml");
    expect(withoutUse(parse(birdman("status", "exact", "-o", "yaml").out))).toEqual(withoutUse(answer));
    const list = JSON.parse(birdman("status", "--name", "exact", "-o", "json").out) as unknown[];
    expect(list.map(withoutUse)).toEqual([withoutUse(answer)]);
  });

  test("of one task says everything about it, by name, id or its beginning", () => {
    const id = runScript("detailed", "sleep 300");
    for (const word of ["detailed", id, id.slice(0, -2)]) {
      const { status, out } = birdman("status", word);
      expect(status).toBe(0);
      expect(out).toMatch(new RegExp(`^ID: +${id}$`, "m"));
      expect(out).toMatch(/^State: +running$/m);
      expect(out).toMatch(/ scheduled +placed on worker\d/);
    }
  });

  test("of a task that is not there suggests what there is", () => {
    runScript("suggested", "sleep 300");
    const { status, err } = birdman("status", "sugested");
    expect(status).toBe(1);
    expect(err).toContain("(did you mean suggested?)");
    const unknown = birdman("status", "00000000-0000-0000-0000-000000000000");
    expect(unknown.status).toBe(1);
    expect(unknown.err).toContain("00000000-0000-0000-0000-000000000000");
  });
});

describe("stop and restart", () => {
  test("--wait returns when all have stopped, and stopping again is no error", async () => {
    const [a, b] = [runScript("stopped-a", "sleep 300"), runScript("stopped-b", "sleep 300")];
    expect(birdman("stop", "--wait", "stopped-a", b)).toEqual({ status: 0, out: `${a}\n${b}\n`, err: "" });
    expect(await answerOf(`/tasks/${a}`)).toMatchObject({ state: "completed" });
    expect(birdman("stop", a)).toEqual({ status: 0, out: `${a}\n`, err: "" });
  });

  test("what can be stopped is stopped even when another cannot", async () => {
    const a = runScript("stopped-c", "sleep 300");
    const { status, out, err } = birdman("stop", "--wait", "not-there", "stopped-c");
    expect(status).toBe(1);
    expect(out).toBe(`${a}\n`);
    expect(err).toContain("not-there");
    expect(await answerOf(`/tasks/${a}`)).toMatchObject({ state: "completed" });
  });

  test("restart makes a new attempt", async () => {
    const id = runScript("restarted", "sleep 300");
    expect(birdman("restart", "restarted")).toEqual({ status: 0, out: `${id}\n`, err: "" });
    await until("the second attempt", async () => {
      const { attempt, state } = (await answerOf(`/tasks/${id}`)) as { attempt: number; state: string };
      return attempt === 2 && state === "running";
    });
  });
});

describe("logs", () => {
  test("prints the output, the last lines of it, and since when", () => {
    runScript("talker", "echo one; echo two >&2; echo three; sleep 300");
    expect(birdman("logs", "talker")).toEqual({ status: 0, out: "one\nthree\n", err: "two\n" });
    expect(birdman("logs", "--tail", "1", "talker").out).toBe("three\n");
    expect(birdman("logs", "--since", "1h", "-t", "--tail", "1", "talker").out).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/,
    );
    expect(birdman("logs", "--since", "2999-01-01T00:00:00Z", "talker").out).toBe("");
  });

  test("takes both as one stream where they go to one place", () => {
    runScript("orderly", "for i in 1 2 3; do echo out $i; echo err $i >&2; done; sleep 300");
    const env = { ...process.env, BIRDMAN_MANAGER: url };
    const piped = spawnSync("sh", ["-c", `'${PROGRAM}' logs orderly 2>&1`], { env, encoding: "utf8" });
    const lines = piped.stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("out"))).toEqual(["out 1", "out 2", "out 3"]);
    expect(lines.filter((line) => line.startsWith("err"))).toEqual(["err 1", "err 2", "err 3"]);
    const last = spawnSync("sh", ["-c", `'${PROGRAM}' logs --tail 1 orderly 2>&1`], { env, encoding: "utf8" });
    expect(last.stdout).toMatch(/^\w+ 3\n$/);
  });

  test("of several at once has the name before each line, by name and by label", () => {
    const a = runScript("alpha", "echo a; sleep 300", "-l", "app=greek");
    runScript("be", "echo b; echo c >&2; sleep 300", "-l", "app=greek");
    const { status, out, err } = birdman("logs", "alpha", "be");
    expect(status).toBe(0);
    expect(out.split("\n").toSorted()).toEqual(["", "alpha | a", "be    | b"]);
    expect(err).toBe("be    | c\n");
    expect(birdman("logs", "-l", "app=greek").out.split("\n").toSorted()).toEqual(out.split("\n").toSorted());
    expect(birdman("logs", "-l", "app=greek", a, "--tail", "0").status).toBe(0);
    expect(birdman("logs", "-l", "app=latin")).toMatchObject({
      status: 1,
      err: expect.stringContaining("no live task has the label") as string,
    });
  });

  test("of several prints what there is when one has none, and fails", () => {
    runScript("audible", "echo here; sleep 300");
    const pending = birdman("run", "--name", "mute", "--runtime", "process", "--cpu", "10000", "--", "x").out.trim();
    const { status, out, err } = birdman("logs", "audible", pending);
    expect(out).toBe("audible | here\n");
    expect(err).toMatch(/^birdman: mute: /);
    expect(err).toContain("1 of 2 tasks");
    expect(status).toBe(1);
  });

  test("follows until the task ends", () => {
    const id = runScript("counter", "for i in 1 2 3; do echo $i; sleep 0.2; done");
    expect(birdman("logs", "-f", id)).toEqual({ status: 0, out: "1\n2\n3\n", err: "" });
  });

  test("ends quietly when nobody reads any more, or on Ctrl-C", async () => {
    runScript("endless", "while :; do echo line; done", "--restart", "never");
    const env = { ...process.env, BIRDMAN_MANAGER: url };
    const piped = spawnSync("sh", ["-c", `'${PROGRAM}' logs -f endless | head -n 2`], { env, encoding: "utf8" });
    expect({ out: piped.stdout, err: piped.stderr }).toEqual({ out: "line\nline\n", err: "" });

    const following = spawn(PROGRAM, ["logs", "-f", "endless"], { env });
    let err = "";
    following.stderr.on("data", (data: Buffer) => (err += data.toString()));
    following.stdout.resume();
    await once(following.stdout, "data");
    following.kill("SIGINT");
    const [, signal] = (await once(following, "close")) as [number | null, string | null];
    expect({ signal, err }).toEqual({ signal: "SIGINT", err: "" });
    expect(birdman("stop", "--wait", "endless").status).toBe(0);
  });
});

describe("events", () => {
  test("tell what happened, of one task or one node, as a table and as the API gave it", async () => {
    const id = runScript("eventful", "sleep 300");
    const { out } = birdman("events", "--task", "eventful");
    const [headings, ...rows] = out.trimEnd().split("\n");
    expect(headings?.split(/ {2,}/)).toEqual(["TIME", "WHAT", "STATE", "NODE", "REASON"]);
    expect(rows.map((row) => row.split(/ {2,}/).slice(1, 3).join(" "))).toEqual([
      "eventful pending",
      "eventful scheduled",
      "eventful running",
    ]);
    expect(rows[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}/);
    const json = JSON.parse(birdman("events", "--task", id, "-o", "json").out) as unknown;
    expect(json).toEqual(await answerOf(`/events?follow=false&task=${id}`));
    expect(birdman("events", "--node", "worker1", "--limit", "1").out).toContain("worker1");
    expect(birdman("events", "--since", "2999-01-01T00:00:00Z").out.split("\n")).toHaveLength(2);
    expect(birdman("events", "--node", "wroker1")).toMatchObject({
      status: 1,
      err: expect.stringContaining("(did you mean worker1?)") as string,
    });
  });

  test("are followed, one JSON a line", async () => {
    const env = { ...process.env, BIRDMAN_MANAGER: url };
    const following = spawn(PROGRAM, ["events", "-f", "-o", "json", "--limit", "1"], { env });
    const closed = once(following, "close");
    let out = "";
    following.stdout.on("data", (data: Buffer) => (out += data.toString()));
    try {
      await until("the newest event", () => out.endsWith("\n"));
      const id = birdman("run", "--runtime", "hollow", "--wait", "x").out.trim();
      const seen = await until("the events of the task", () => {
        const lines = out.split("\n").slice(0, -1);
        const events = lines.map((line) => JSON.parse(line) as { task: string; to: string });
        const own = events.filter(({ task }) => task === id);
        return own.length >= 3 && own;
      });
      expect(seen.map(({ to }) => to)).toEqual(["pending", "scheduled", "running"]);
    } finally {
      following.kill("SIGINT");
      await closed;
    }
  });
});

describe("nodes", () => {
  test("are listed under the contract's headings", () => {
    const [headings, first, second] = birdman("node").out.split("\n");
    expect(headings?.split(/ {2,}/)).toEqual(["NAME", "STATUS", "TASKS", "CPU", "MEMORY", "DISK", "LABELS", "AGE"]);
    const share = String.raw`[\d.]+\w*/[\d.]+\w* \((\d+%|-)\)`;
    expect(first).toMatch(new RegExp(`^worker1 +ready +\\d+ +${share} +${share} +${share} +- +\\d+\\w+$`));
    expect(second).toMatch(/^worker2 /);
  });

  test("are paused, drained and activated", async () => {
    for (const [word, availability] of [
      ["pause", "pause"],
      ["drain", "drain"],
      ["activate", "active"],
    ] as const) {
      expect(birdman("node", word, "worker2")).toEqual({ status: 0, out: "worker2\n", err: "" });
      expect(await answerOf("/nodes/worker2")).toMatchObject({ availability });
    }
    expect(birdman("node", "show", "worker2").out).toMatch(/^Name: +worker2\nStatus: +ready$/m);
    expect(await answerOf("/nodes/worker2")).toMatchObject({ name: "worker2" });
  });

  test("that are up cannot be removed, and unknown ones are named", () => {
    const up = birdman("node", "remove", "worker1");
    expect(up.status).toBe(1);
    expect(up.err).toContain("worker1");
    const unknown = birdman("node", "show", "wroker1");
    expect(unknown.status).toBe(1);
    expect(unknown.err).toContain("there is no node 'wroker1' (did you mean worker1?); there are worker1, worker2");
  });
});

test("stats and explain", async () => {
  const id = runScript("explained", "sleep 300");
  expect(birdman("stats").out).toMatch(/^Nodes: +2 ready, 0 unreachable, 0 lost$/m);
  expect(JSON.parse(birdman("stats", "-o", "json").out)).toMatchObject({ scheduler: "epvm", store: "memory" });
  const { out } = birdman("explain", "explained");
  expect(out).toMatch(
    /^Attempt 1 of explained was placed on worker\d by epvm \d+s ago\.\nIt cost least there, of 2 nodes/,
  );
  expect(out).toMatch(/^worker\d +[\d.]+ +cpu [\d.]+, memory [\d.]+, tasks [\d.]+$/m);
  expect(JSON.parse(birdman("explain", id, "-o", "json").out)).toEqual(await answerOf(`/tasks/${id}/placement`));
  const stuck = birdman("run", "--runtime", "hollow", "--cpu", "10000", "x").out.trim();
  expect(birdman("explain", stuck).out).toMatch(
    / fits on none of 2 nodes now: cpu \(2\)\.\nWhat would help: .* cores more on /,
  );
  expect(birdman("stop", stuck).status).toBe(0);
});

describe("plan", () => {
  const hollow = ["--runtime", "hollow", "x"];

  test("says where a task would go, and there it goes", () => {
    const { status, out, err } = birdman("plan", "--name", "planned", ...hollow);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain("1 new task: it would be placed.");
    const [, to] = /^planned +(worker\d) +cost [\d.]+; next best worker\d, [\d.]+$/m.exec(out) ?? [];
    expect(birdman("status").out).not.toContain("planned");
    birdman("run", "--name", "planned", "--wait", ...hollow);
    expect(birdman("status", "--name", "planned").out).toContain(to);
  });

  test("fails where something would not fit, says what would help, and prints what the API answered", async () => {
    const file = join(directory, "planned.yaml");
    writeFileSync(
      file,
      "- {name: fits, runtime: hollow, image: x}\n- {name: huge, runtime: hollow, image: x, cpu: 1000}\n",
    );
    const { status, out, err } = birdman("plan", "-f", file, "--scheduler", "greedy,binpack");
    expect(status).toBe(1);
    expect(err).toBe("birdman: not everything fits: by greedy 1 task would wait; by binpack 1 task would wait\n");
    expect(out).toMatch(/^TASK +GREEDY +BINPACK\nfits +worker\d +worker\d\nhuge +\(waits\) +\(waits\)$/m);
    const json = birdman("plan", "-f", file, "-o", "json");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      fits: false,
      plans: [{ scheduler: "epvm", nodes: [{ after: { tasks: 1 } }] }],
    });
    expect(await answerOf("/tasks?state=pending")).toEqual([]);
  });

  test("tells what a drain would move, and moves nothing", async () => {
    const id = runScript("moved", "sleep 300");
    const { node } = (await answerOf(`/tasks/${id}`)) as { node: string };
    const { status, out } = birdman("plan", "--drain", node);
    expect(status).toBe(0);
    expect(out).toContain(`With ${node} drained, 1 task has to go: it would be placed.`);
    expect(await answerOf(`/tasks/${id}`)).toMatchObject({ node, attempt: 1 });
    expect(await answerOf(`/nodes/${node}`)).toMatchObject({ availability: "active" });
    const both = birdman("plan", "--lose", "worker1", "--lose", "worker2");
    expect([both.status, both.err]).toEqual([1, "birdman: not everything fits: 1 task would wait\n"]);
    expect(both.out).toMatch(/^moved +worker\d +\(waits\) +15s /m);
  });

  test("counts the room for more", () => {
    const { status, out } = birdman("plan", "--capacity", "--name", "more", "--cpu", "0.25", ...hollow);
    expect(status).toBe(0);
    const [, total] = /^Room for (\d+) more of more, on 2 of 2 nodes\.$/m.exec(out) ?? [];
    const each = [...out.matchAll(/^worker\d +(\d+) +needs 0\.25 cores, .*free$/gm)].map(([, count]) => Number(count));
    expect(each).toHaveLength(2);
    expect(each.reduce((sum, count) => sum + count, 0)).toBe(Number(total));
  });

  test("says what is wrong with the question", () => {
    expect(birdman("plan")).toMatchObject({ status: 2, err: expect.stringContaining("nothing to plan") as string });
    expect(birdman("plan", "--capacity", "--drain", "worker1").status).toBe(2);
    const unknown = birdman("plan", "--drain", "worker3");
    expect([unknown.status, unknown.err]).toEqual([
      1,
      expect.stringMatching(/no node 'worker3' .*there are worker1, worker2/),
    ]);
    const scheduler = birdman("plan", "--scheduler", "epmv", "x");
    expect([scheduler.status, scheduler.err]).toEqual([
      1,
      expect.stringMatching(/no scheduler "epmv": there are epvm, /),
    ]);
  });
});

describe("servers", () => {
  test("that find their port taken say so and name the flag", () => {
    const { port } = new URL(url);
    const manager = birdman("manager", "--port", port, "--store", "memory");
    expect(manager.status).toBe(1);
    expect(manager.err).toContain(`port ${port} is taken`);
    expect(manager.err).toContain("--port");
    const data = join(directory, "second");
    const worker = birdman("worker", "--runtime", "hollow", "--name", "w", "--port", port, "--data-dir", data);
    expect(worker.status).toBe(1);
    expect(worker.err).toContain(`port ${port} is taken`);
    expect(worker.err).toContain("--port");
  });

  test("keep others out of their data directory", async () => {
    const data = join(directory, "manager");
    const first = startBirdman(["manager", "--port", "0", "--data-dir", data]);
    try {
      await until("the manager", () => first.output().includes(`persistent in ${data}`));
      const second = birdman("manager", "--port", "0", "--data-dir", data);
      expect(second.status).toBe(1);
      expect(second.err).toContain(data);
      expect(second.err).toContain("--data-dir");
    } finally {
      expect(await first.end("SIGTERM")).toBe(0);
    }
  });

  test("take another's tasks over where they left off", async () => {
    const port = String(await freePort());
    const data = join(directory, "again");
    const worker = [
      "worker",
      "--name",
      "again",
      "--runtime",
      "process",
      "--port",
      "0",
      "--manager",
      `localhost:${port}`,
    ];
    const start = (): readonly BirdmanProcess[] => [
      startBirdman(["manager", "--port", port, "--data-dir", join(data, "manager")]),
      startBirdman([...worker, "--data-dir", join(data, "worker")]),
    ];
    const ask = (...args: readonly string[]): Outcome => runAt(`localhost:${port}`, args);
    const ready = (): boolean => ask("node").out.includes("ready");
    let servers = start();
    try {
      await until("the cluster", ready);
      const id = ask("run", "--runtime", "process", "--wait", "--", "sleep", "300").out.trim();
      const { containerId } = JSON.parse(ask("status", id, "-o", "json").out) as { containerId: string };
      for (const server of servers) expect(await server.end("SIGTERM")).toBe(0);
      servers = start();
      await until("the cluster again", ready);
      const after = JSON.parse(ask("status", id, "-o", "json").out) as unknown;
      expect(after).toMatchObject({ state: "running", containerId, attempt: 1, restarts: 0 });
      expect(ask("stop", "--wait", id).status).toBe(0);
    } finally {
      for (const server of servers) await server.end("SIGTERM");
    }
  });

  test("with TLS and tokens let in who has one, and only for what it is good for", async () => {
    const [cert, key, tokens] = ["cert.pem", "key.pem", "tokens"].map((name) => join(directory, name));
    const subject = ["-subj", "/CN=birdman", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    spawnSync("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key ?? "", "-out", cert ?? ""]);
    const token = (scope: string): string =>
      birdman("token", "create", "--scope", scope, "--token-file", tokens ?? "").out.trim();
    const [reader, worker, writer] = [token("read"), token("node"), token("read,write")];
    const access = ["--tls-cert", cert ?? "", "--tls-key", key ?? "", "--token-file", tokens ?? ""];
    const port = String(await freePort());
    const place = ["--port", port, "--host", "0.0.0.0", "--store", "memory"];
    const trust = ["--ca-cert", cert ?? ""];
    const servers = [startBirdman(["manager", ...place, ...access])];
    const ask = (...args: readonly string[]): Outcome => runAt(`https://localhost:${port}`, args);
    try {
      await until("the manager", () => ask("node", ...trust, "--token", reader).status === 0);
      expect(ask("node", "--token", reader)).toMatchObject({
        status: 3,
        err: expect.stringContaining("--ca-cert") as string,
      });
      expect(ask("node", ...trust)).toMatchObject({ status: 1, err: expect.stringContaining("--token") as string });
      const refused = ask("run", ...trust, "--token", reader, "x");
      expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("write") as string });
      expect(ask("run", ...trust, "--token", writer, "x").out).toMatch(ONE_ID);
      const data = ["--data-dir", join(directory, "tls-worker"), "--port", "0"];
      const address = ["--manager", `localhost:${port}`, ...trust, "--token", worker];
      servers.push(startBirdman(["worker", "--name", "far", "--runtime", "hollow", ...data, ...address]));
      await until("the worker", () => /^far +ready/m.test(ask("node", ...trust, "--token", reader).out));
    } finally {
      for (const server of servers) await server.end("SIGTERM");
    }
    for (const secret of [reader, worker, writer]) {
      for (const server of servers) expect(server.output()).not.toContain(secret);
    }
  });

  test("dev ends its tasks on Ctrl-C and leaves nothing behind", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "birdman-cli-tmp-"));
    const args = ["dev", "--port", "0", "--worker-port", "0", "--runtime", "process"];
    const own = startBirdman(args, { env: { TMPDIR: temporary } });
    const address = await until("dev", () => /: (http:\S+), one worker/.exec(own.output())?.[1]);
    const { out } = runAt(address, ["run", "--runtime", "process", "--wait", "--", "sleep", "300"]);
    const { containerId } = JSON.parse(runAt(address, ["status", out.trim(), "-o", "json"]).out) as {
      containerId: string;
    };
    expect(existsSync(`/proc/${containerId}`)).toBe(true);
    expect(await own.end("SIGINT")).toBe(0);
    expect(existsSync(`/proc/${containerId}`)).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });
});
