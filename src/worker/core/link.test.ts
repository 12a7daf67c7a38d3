import { expect, test } from "vitest";
import { attemptKey, type TaskId } from "../../task/id.ts";
import { ManagerLink } from "./link.ts";

const A = attemptKey("00000000-0000-4000-8000-00000000000a" as TaskId, 1);
const B = attemptKey("00000000-0000-4000-8000-00000000000b" as TaskId, 1);
const node = { cpu: 1, memory: 2, disk: 3, load: [0, 0, 0] as const };
const idle = { cpu: 0, memory: 5 };

test("of the tasks' use a session says what is new, what has changed, and what is not measured any more", () => {
  const link = new ManagerLink(1, 0);
  const say = (tasks: Record<string, typeof idle>): unknown =>
    link.usageToSay({ node, tasks: new Map(Object.entries(tasks) as [typeof A, typeof idle][]) }).tasks;
  expect(say({})).toBeUndefined();
  expect(say({ [A]: idle })).toEqual({ [A]: idle });
  expect(say({ [A]: { ...idle }, [B]: idle })).toEqual({ [B]: idle });
  expect(say({ [A]: idle, [B]: idle })).toBeUndefined();
  expect(say({ [B]: { cpu: 1, memory: 5 } })).toEqual({ [A]: null, [B]: { cpu: 1, memory: 5 } });
  expect(new ManagerLink(2, 0).usageToSay({ node, tasks: new Map([[B, idle]]) }).tasks).toEqual({ [B]: idle });
});
