import { expect, test } from "vitest";
import type { ProcessStat } from "./procfs.ts";
import { sessionMembers } from "./session.ts";

/** Higher than any pid that Linux hands out, so that `/proc` knows nothing of it. */
const LEADER = { pid: 5_000_000, startTicks: 1000 };

function stat(pid: number, session: number, startTicks: number): ProcessStat {
  return { pid, session, startTicks, state: "S", cpuTicks: 0, residentPages: 0 };
}

test("a session is everything that bears its number", () => {
  const leader = stat(LEADER.pid, LEADER.pid, LEADER.startTicks);
  const child = stat(5_000_001, LEADER.pid, 1001);
  const stranger = stat(5_000_002, 1, 1002);
  expect(sessionMembers(LEADER, [leader, child, stranger])).toEqual([leader, child]);
});

test("a session whose leader has ended is still one", () => {
  const orphan = stat(5_000_001, LEADER.pid, 1001);
  expect(sessionMembers(LEADER, [orphan])).toEqual([orphan]);
});

test("a session that another process opened under the same number is somebody else's", () => {
  const other = stat(LEADER.pid, LEADER.pid, 99_000);
  const child = stat(5_000_001, LEADER.pid, 99_001);
  expect(sessionMembers(LEADER, [other, child])).toEqual([]);
});
