import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { injectedClient } from "../../../test/support/injected-client.ts";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { Context, Input, Output } from "../context.ts";
import { keysIn } from "../terminal/keys.ts";
import { runTop } from "./run-top.ts";
import { takeSnapshot, type Snapshot } from "./snapshot.ts";
import { drawTop, type TopPicture } from "./top-screen.ts";
import { FIRST, press, type TopState } from "./top-state.ts";

const plain = (_style: string, text: string): string => text;
const image = { image: "echo", restart: { policy: "never" as const }, reschedule: { attempts: 0 } };

/** Two nodes; `web` uses more than `api`, `big` fits nowhere. */
async function cluster() {
  const manager = await ManagerApi.open();
  const client = injectedClient(manager.app);
  const workers = [await manager.join("worker1"), await manager.join("worker2")];
  for (const name of ["api", "web"]) {
    const { id } = await client.submit({ ...image, name });
    const { node } = await client.task(id);
    const worker = workers[node === "worker1" ? 0 : 1];
    await worker?.report(id, { state: REPORTED.running, reason: "up", health: "none" });
  }
  await client.submit({ ...image, name: "big", cpu: 1000 });
  return { manager, client };
}

function pressAll(state: TopState, keys: readonly string[], picture: TopPicture): TopState | undefined {
  return keys.reduce<TopState | undefined>((at, key) => at && press(at, key, picture), state);
}

describe("keys", () => {
  test("are told apart in whatever the terminal sends at once", () => {
    expect(keysIn("q\u001b[A\u001bOB\u001b[6~\r\t\u007f\u0003")).toEqual([
      "q",
      "up",
      "down",
      "page-down",
      "enter",
      "tab",
      "backspace",
      "interrupt",
    ]);
    expect(keysIn("\u001b")).toEqual(["escape"]);
    expect(keysIn("\u001b[200~ü")).toEqual(["ü"]);
  });
});

describe("the screen", () => {
  const size = { columns: 80, rows: 24 };

  async function drawn(change: (snapshot: Snapshot, now: number) => Snapshot = (same) => same) {
    const { manager, client } = await cluster();
    await using _manager = manager;
    const snapshot = await takeSnapshot(client, {});
    const now = Date.parse(snapshot.tasks[0]?.createdAt ?? "") + 15_000;
    const changed = change(snapshot, now);
    const draw = (state: TopState, at = size): TopPicture =>
      drawTop({ snapshot: changed, state, paint: plain, now, size: at });
    return { draw, snapshot: changed, now };
  }

  test("shows totals, what needs attention, nodes with bars and tasks, in exactly its size", async () => {
    const { draw } = await drawn();
    const { lines, rows } = draw(FIRST);
    expect(lines).toHaveLength(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    const text = lines.join("\n");
    expect(text).toMatch(/^birdman {2}up .*, 2 of 2 nodes ready/);
    expect(text).toContain("1 pending, 0 scheduled, 2 running");
    expect(text).toMatch(/^! big is pending: .*cpu/m);
    expect(text).toMatch(/^worker1 +ready +1 +\[ {8}\] 3% +\[\| {7}\] 13% /m);
    expect(text).toMatch(/^web +running/m);
    expect(text).toContain("q quit");
    expect(rows).toHaveLength(3);
  });

  test.each([
    { columns: 80, rows: 3 },
    { columns: 20, rows: 10 },
    { columns: 200, rows: 60 },
  ])("fits $columns x $rows", async (at) => {
    const { draw } = await drawn();
    for (const state of [FIRST, { ...FIRST, list: "nodes" as const }]) {
      const { lines } = draw(state, at);
      expect(lines).toHaveLength(at.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(at.columns);
    }
  });

  test("tells of nodes that are away, of unhealthy tasks and of the latest failures", async () => {
    const { draw } = await drawn((snapshot, now) => ({
      ...snapshot,
      nodes: snapshot.nodes.map((node) => ({ ...node, status: "lost" as const })),
      tasks: snapshot.tasks.map((task) => ({
        ...task,
        state: "running" as const,
        health: "unhealthy" as const,
        reason: "HTTP 500",
      })),
      failed: snapshot.tasks.slice(0, 1).map((task, index) => ({
        ...task,
        name: "dead",
        state: "failed" as const,
        reason: "ended with exit code 1",
        finishedAt: new Date(now - (index === 0 ? 60_000 : 3_600_000)).toISOString(),
      })),
    }));
    const text = draw(FIRST).lines.join("\n");
    expect(text).toMatch(/^! node worker1 is lost, last seen \d+s ago$/m);
    expect(text).toMatch(/^! 3 tasks are unhealthy; \w+: HTTP 500$/m);
    expect(text).toMatch(/^! dead failed: ended with exit code 1$/m);
  });

  test("sorts, filters, and keeps the cursor on its task when the order changes", async () => {
    const { draw, snapshot } = await drawn((each) => ({
      ...each,
      tasks: each.tasks.map((task) => ({
        ...task,
        used: { cpu: task.name === "web" ? 1 : 0.5, memory: task.name === "api" ? 9 : 1 },
      })),
    }));
    const names = (picture: TopPicture): (string | undefined)[] =>
      picture.rows.map((id) => snapshot.tasks.find((task) => task.id === id)?.name);
    const first = draw(FIRST);
    expect(names(first)).toEqual(["web", "api", "big"]);
    const moved = pressAll(FIRST, ["down", "s"], first);
    expect(moved).toMatchObject({ sort: "memory", cursor: first.rows[1] });
    expect(names(draw(moved ?? FIRST))).toEqual(["api", "big", "web"]);
    expect(press(moved ?? FIRST, "enter", draw(moved ?? FIRST))).toMatchObject({ detail: { key: first.rows[1] } });
    const filtered = pressAll(FIRST, ["/", "b", "i", "x", "backspace", "enter"], first);
    expect(filtered).toMatchObject({ filter: "bi", isTyping: false });
    expect(names(draw(filtered ?? FIRST))).toEqual(["big"]);
    expect(names(draw({ ...FIRST, sort: "name", reversed: true }))).toEqual(["web", "big", "api"]);
    expect(press(FIRST, "end", first)?.cursor).toBe(first.rows[2]);
    expect(press(FIRST, "q", first)).toBeUndefined();
    expect(pressAll(FIRST, ["/", "q"], first)).toMatchObject({ filter: "q" });
    expect(pressAll(FIRST, ["/", "interrupt"], first)).toBeUndefined();
  });

  test("scrolls to the cursor", async () => {
    const { draw } = await drawn((each) => {
      const [task] = each.tasks;
      const many = Array.from({ length: 100 }, (_, index) => ({
        ...task,
        id: `id${String(index)}`,
        name: `t${String(index)}`,
      }));
      return { ...each, tasks: many as Snapshot["tasks"] };
    });
    const first = draw({ ...FIRST, sort: "name" });
    expect(first.lines.join("\n")).not.toContain("t99 ");
    const last = press({ ...FIRST, sort: "name" }, "end", first) ?? FIRST;
    expect(draw(last).lines.join("\n")).toMatch(/^t99 /m);
  });
});

describe("the live screen", () => {
  /** A terminal that we are. */
  function terminal(): {
    context: Context;
    shown: () => string;
    type: (text: string) => void;
    resize: (columns: number) => void;
    isRaw: () => boolean;
  } {
    let raw = false;
    const stdin = new PassThrough();
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    let shown = "";
    stdout.on("data", (chunk: Buffer) => (shown += chunk.toString()));
    const input: Input = Object.assign(stdin, { isTTY: true, setRawMode: (on: boolean) => (raw = on) });
    const context = { env: {}, stdin: input, stdout: stdout as Output, stderr: new PassThrough(), now: Date.now };
    return {
      context,
      shown: () => shown,
      type: (text) => void stdin.write(text),
      resize(columns) {
        stdout.columns = columns;
        stdout.emit("resize");
      },
      isRaw: () => raw,
    };
  }

  test("goes on asking, shows one task closely, follows the size, and gives the terminal back", async () => {
    const { manager, client } = await cluster();
    await using _manager = manager;
    const { context, shown, type, resize, isRaw } = terminal();
    const running = runTop({ client, context, paint: plain, intervalMs: 20, sort: "name" });
    await expect.poll(shown).toMatch(/web +running/);
    expect(isRaw()).toBe(true);
    await client.submit({ ...image, name: "later", cpu: 1000 });
    await expect.poll(shown).toMatch(/later +pending/);
    type("/web\r\r");
    await expect.poll(shown).toMatch(/Name: +web[\s\S]*waiting to be placed/);
    resize(40);
    const before = shown().length;
    type("q");
    await expect.poll(() => shown().slice(before)).toContain("by name, only 'web'");
    type("q");
    await running;
    expect(isRaw()).toBe(false);
    expect(shown()).toMatch(/\u001b\[\?25h\u001b\[\?1049l$/);
  });

  test("stays when the manager goes, and says so", async () => {
    const { manager, client } = await cluster();
    const { context, shown, type } = terminal();
    const running = runTop({ client, context, paint: plain, intervalMs: 20, sort: "name" });
    await expect.poll(shown).toContain("q quit");
    const { ClientError } = await import("../../client/client-error.ts");
    client.stats = async () => Promise.reject(new ClientError("refused", "http://gone: connection refused"));
    await expect.poll(shown).toContain("! http://gone: connection refused; what is shown is old");
    type("\u0003");
    await running;
    await manager[Symbol.asyncDispose]();
  });
});
