import fc from "fast-check";
import { expect, test } from "vitest";
import { AssertionError } from "../utils/assert.ts";
import type { TaskId } from "./id.ts";
import {
  accepted,
  adopted,
  completed,
  failed,
  moveWanted,
  placed,
  progressed,
  reportedRunning,
  returned,
  stopWanted,
} from "./lifecycle.ts";
import { resolveSpec } from "./spec.ts";
import { canMove, FIRST_STATES, isFinal, STATE_CODE, TASK_STATES, type TaskState } from "./state.ts";
import type { Task } from "./task.ts";

const NEW = {
  id: "21b23589-5d2d-4731-b5c9-a97e9832d021" as TaskId,
  name: "echo",
  seq: 1,
  spec: resolveSpec({ image: "birdman/echo:latest" }),
  at: 1000,
};
const RUNNING = { containerId: "c1", ports: [], health: "none", restarts: 0, startedAt: 3000, reason: "runs" } as const;
const ENDING = { exitCode: 0, reason: "it ended", at: 4000 };

/** The table of the design, written out once more: what there is, and nothing else. */
const LEGAL: readonly (readonly [TaskState, TaskState])[] = [
  ["pending", "scheduled"],
  ["pending", "completed"],
  ["scheduled", "running"],
  ["scheduled", "completed"],
  ["scheduled", "failed"],
  ["scheduled", "pending"],
  ["running", "completed"],
  ["running", "failed"],
  ["running", "pending"],
];

const MOVES: Readonly<Record<TaskState, (task: Task) => Task>> = {
  pending: (task) => returned(task, { reason: "its node was lost", failed: false }),
  scheduled: (task) => placed(task, { nodeId: "n1", reason: "placed", at: 2000 }),
  running: (task) => reportedRunning(task, RUNNING),
  completed: (task) => completed(task, ENDING),
  failed: (task) => failed(task, { ...ENDING, exitCode: 1 }),
};

function inState(state: TaskState): Task {
  const pending = accepted(NEW);
  const scheduled = MOVES.scheduled(pending);
  switch (state) {
    case "pending":
      return pending;
    case "scheduled":
      return scheduled;
    default:
      return MOVES[state](scheduled);
  }
}

const STATE = fc.constantFrom(...TASK_STATES);

test("exactly the moves of the table are moves", () => {
  const moves = TASK_STATES.flatMap((from) => TASK_STATES.filter((to) => canMove(from, to)).map((to) => [from, to]));
  expect(moves.map(String).sort()).toEqual(LEGAL.map(String).sort());
  expect(TASK_STATES.filter(isFinal)).toEqual(["completed", "failed"]);
  expect(FIRST_STATES.some(isFinal)).toBe(false);
  expect(TASK_STATES.map((state) => STATE_CODE[state])).toEqual([0, 1, 2, 3, 4]);
});

test("every legal move is made and every illegal one is refused, from every state", () => {
  fc.assert(
    fc.property(STATE, STATE, (from, to) => {
      const task = inState(from);
      const isNewsOfARunningTask = from === "running" && to === "running";
      if (canMove(from, to) || isNewsOfARunningTask) expect(MOVES[to](task).state).toBe(to);
      else expect(() => MOVES[to](task)).toThrow(AssertionError);
      expect(task).toEqual(inState(from)); // a task is a value: the move left it as it was
    }),
  );
});

test("no sequence of moves leaves the table, and a final state is the last", () => {
  fc.assert(
    fc.property(fc.array(STATE, { maxLength: 30 }), (wanted) => {
      let task = accepted(NEW);
      for (const to of wanted) {
        const { state: from, attempt } = task;
        if (canMove(from, to)) {
          task = MOVES[to](task);
          expect(task.attempt).toBe(to === "scheduled" ? attempt + 1 : attempt);
        } else if (from !== "running" || to !== "running") {
          expect(() => MOVES[to](task)).toThrow(AssertionError);
        }
        expect(task.finishedAt === undefined).toBe(!isFinal(task.state));
        expect(task.nodeId === undefined).toBe(task.attempt === 0);
      }
    }),
  );
});

test.each(["completed", "failed"] as const)("a task that is %s takes no more wishes and makes no progress", (state) => {
  const task = inState(state);
  expect(() => stopWanted(task, "stop")).toThrow(AssertionError);
  expect(() => moveWanted(task, "drain")).toThrow(AssertionError);
  expect(() => progressed(task, "pulling")).toThrow(AssertionError);
});

test.each(["pending", "scheduled", "running"] as const)("wishes for a task that is %s change no state", (state) => {
  const task = inState(state);
  expect(stopWanted(task, "asked to")).toEqual({ ...task, desired: "stop", reason: "asked to" });
  expect(moveWanted(task, "drained")).toEqual({ ...task, moving: "drained", reason: "drained" });
  expect(progressed(task, "pulling", 2)).toEqual({ ...task, reason: "pulling", restarts: 2 });
});

test("a new attempt begins with nothing of the one before", () => {
  const first = reportedRunning(inState("scheduled"), {
    ...RUNNING,
    health: "healthy",
    restarts: 3,
    ports: [{ container: 80, host: 20_000, protocol: "tcp", address: "127.0.0.1" }],
  });
  const again = placed(returned(first, { reason: "lost", failed: false }), {
    nodeId: "n2",
    reason: "placed again",
    at: 5000,
  });
  expect(again).toEqual({
    ...inState("scheduled"),
    nodeId: "n2",
    attempt: 2,
    reason: "placed again",
    scheduledAt: 5000,
  });
});

test("only a failed attempt uses up a reschedule", () => {
  const task = inState("running");
  expect(returned(task, { reason: "lost", failed: false }).reschedules).toBe(0);
  expect(returned(task, { reason: "crashed", failed: true, notBefore: 9000 })).toMatchObject({
    reschedules: 1,
    notBefore: 9000,
  });
});

test("an adopted task has its node's attempt and can be reported running at once", () => {
  const task = adopted(NEW, { nodeId: "n9", attempt: 4, origin: "recovered", reason: "found running" });
  expect(task).toMatchObject({ state: "scheduled", origin: "recovered", nodeId: "n9", attempt: 4, createdAt: 1000 });
  expect(reportedRunning(task, RUNNING)).toMatchObject({ state: "running", attempt: 4, startedAt: 3000 });
});
