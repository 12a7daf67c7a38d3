import { describe, expect, it } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import type { TaskId } from "../../task/id.ts";
import { sickSentence } from "./engines.ts";
import { decodeEvents, TABLES } from "./records.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const sick = { docker: "the engine hangs" };

describe("a node whose engine does not answer", () => {
  it("gets no new tasks, says why, and takes what waits when it answers again", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    worker.report([], { sick });
    const node = bench.core.state.nodeNamed("w1");
    expect(node?.status).toBe("ready");
    expect(node && sickSentence(node)).toBe("docker does not answer: the engine hangs");
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)).toMatchObject({ state: "pending" });
    worker.report([], { sick });
    expect(bench.task(A)).toMatchObject({ state: "pending" });
    worker.report([]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", nodeId: "id-w1" });
  });

  it("is in the history twice: when it begins and when it ends", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    for (const more of [{ sick }, { sick: { docker: "still hangs" } }, {}, {}]) worker.report([], more);
    const history = [...(bench.tables.get(TABLES.events)?.values() ?? [])].flatMap(decodeEvents);
    const told = history.filter(({ reason }) => reason.includes("answer"));
    expect(told.map(({ kind, node, reason }) => [kind, node, reason])).toEqual([
      ["node", "w1", "docker does not answer: the engine hangs"],
      ["node", "w1", "docker answers again"],
    ]);
  });

  it("is known from its hello too", () => {
    const bench = new CoreBench();
    bench.connect("w1").hello({ sick });
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)?.state).toBe("pending");
  });
});
