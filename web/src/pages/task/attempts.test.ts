import { describe, expect, it } from "vitest";
import type { EventJson } from "../../../../src/api/event-json.ts";
import { attemptsOf } from "./attempts.ts";

const AT = Date.parse("2026-11-23T08:00:00.000Z");

function event(second: number, to: string, rest: Partial<EventJson> = {}): EventJson {
  const at = new Date(AT + 1000 * second).toISOString();
  return { seq: second, at, kind: "task", task: "t", attempt: null, node: null, from: null, to, reason: to, ...rest };
}

describe("attempts", () => {
  it("of a task that was placed and runs", () => {
    const attempts = attemptsOf([
      event(0, "pending"),
      event(1, "scheduled", { attempt: 1, node: "a" }),
      event(3, "running", { attempt: 1, node: "a" }),
    ]);
    expect(attempts).toEqual([
      { number: 0, node: undefined, reason: "pending", spans: [{ state: "pending", from: AT, until: AT + 1000 }] },
      {
        number: 1,
        node: "a",
        reason: "running",
        spans: [
          { state: "scheduled", from: AT + 1000, until: AT + 3000 },
          { state: "running", from: AT + 3000, until: undefined },
        ],
      },
    ]);
  });

  it("count the wait for another place to the one that was lost", () => {
    const attempts = attemptsOf([
      event(0, "scheduled", { attempt: 1, node: "a" }),
      event(1, "running", { attempt: 1, node: "a" }),
      event(5, "pending", { attempt: 1, node: "a", reason: "its node was lost" }),
      event(6, "scheduled", { attempt: 2, node: "b" }),
    ]);
    expect(attempts.map(({ number, node, reason }) => ({ number, node, reason }))).toEqual([
      { number: 1, node: "a", reason: "its node was lost" },
      { number: 2, node: "b", reason: "scheduled" },
    ]);
    expect(attempts[0]?.spans.map(({ state }) => state)).toEqual(["scheduled", "running", "pending"]);
  });

  it("end where the task ended", () => {
    const [attempt] = attemptsOf([
      event(0, "running", { attempt: 1, node: "a" }),
      event(4, "failed", { attempt: 1, node: "a", reason: "exit code 2" }),
    ]);
    expect(attempt).toMatchObject({ reason: "exit code 2", spans: [{ state: "running", until: AT + 4000 }] });
  });

  it("are not made of events that change no state", () => {
    expect(attemptsOf([event(0, "running", { from: "running", attempt: 1 })])).toEqual([]);
  });
});
