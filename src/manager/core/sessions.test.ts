import { expect, test } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import { REPORTED, type Usage } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const idle = { cpu: 0, memory: 5 };

test("the measured use of tasks is what the session said last of each, as long as the attempt lasts", () => {
  const bench = new CoreBench();
  const worker = bench.connect("w1");
  for (const id of [A, B]) bench.submit({ id, image: "echo" });
  const uses = (): unknown[] =>
    [A, B].map((id) => {
      const task = bench.task(id);
      return task && bench.core.useOf(task);
    });
  const say = (tasks?: Usage["tasks"]): unknown[] => {
    const node = { cpu: 1, memory: 2, disk: 3, load: [0, 0, 0] as const };
    worker.report([], { use: tasks === undefined ? { node } : { node, tasks } });
    return uses();
  };
  expect(say({ [`${A}/1`]: idle })).toEqual([idle, undefined]);
  expect(say({ [`${B}/1`]: idle })).toEqual([idle, idle]);
  expect(say()).toEqual([idle, idle]);
  expect(say({ [`${A}/1`]: null, [`${B}/2`]: { cpu: 9, memory: 9 }, nonsense: idle })).toEqual([undefined, idle]);

  // Its next attempt has not been measured, also on the same node.
  const over = { task: B, attempt: 1, state: REPORTED.released, restarts: 0, reason: "released", finishedAt: 9 };
  worker.report([over]);
  expect(bench.task(B)).toMatchObject({ attempt: 2, nodeId: "id-w1" });
  expect(uses()).toEqual([undefined, undefined]);
  expect(say({ [`${A}/1`]: idle })).toEqual([idle, undefined]);

  // What another session said is void.
  bench.connect("w1");
  expect(uses()).toEqual([undefined, undefined]);
});
