import { describe, expect, it } from "vitest";
import { decodeManagerMessage, decodeWorkerMessage, encodeMessage } from "./codec.ts";
import { PROTOCOL_VERSION, type Hello, type Item } from "./messages.ts";
import type { TaskId } from "../task/id.ts";

const ID = "00000000-0000-4000-8000-00000000000a" as TaskId;
const ITEM: Item = {
  ...{ task: ID, attempt: 1, state: 2, restarts: 0, reason: "running", startedAt: 5 },
  ...{ name: "echo", spec: 0, createdAt: 1 },
};
const HELLO: Hello = {
  kind: "hello",
  version: PROTOCOL_VERSION,
  instanceId: "i1",
  node: {
    nodeId: "n1",
    name: "w1",
    address: "127.0.0.1",
    labels: {},
    runtimes: ["docker"],
    version: "0.1.0",
    capacity: { cpu: 4, memory: 1, disk: 1 },
  },
  specs: [{ image: "echo", env: { A: "b", C: { value: "d", secret: true } }, ports: [{ container: 80 }] }],
  items: [ITEM],
};

const malformed = (message: object): string => {
  const decoded = decodeWorkerMessage(JSON.stringify(message));
  return "malformed" in decoded ? decoded.malformed : "";
};

describe("a worker's messages", () => {
  it("come through as they were sent", () => {
    expect(decodeWorkerMessage(encodeMessage(HELLO))).toEqual({ message: HELLO });
  });

  it.each(["constructor", "toString", "__proto__", "welcome", ""])("are refused when their kind is %j", (kind) => {
    expect(malformed({ ["kind"]: kind })).toContain("its kind is");
    expect(decodeManagerMessage(`{"kind":${JSON.stringify(kind === "welcome" ? "hello" : kind)}}`)).toHaveProperty(
      "malformed",
    );
  });

  it.each([{ ports: 5 }, { ports: [null] }, { constraints: {} }, { env: [1] }, { memory: {} }])(
    "are refused with a spec that is none: %j",
    (spec) => {
      expect(malformed({ ...HELLO, specs: [spec] })).toContain("/specs/0");
      const frame = { kind: "frame", rev: 1, ack: 0, reports: [], items: [], specs: [spec] };
      expect(malformed(frame)).toContain("/specs/0");
    },
  );

  it.each([
    ["a node id that no store can keep", { ...HELLO, node: { ...HELLO.node, nodeId: "half a pair \uD83D" } }, "nodeId"],
    ["a node id without end", { ...HELLO, node: { ...HELLO.node, nodeId: "x".repeat(1000) } }, "nodeId"],
    ["a moment that is none", { ...HELLO, items: [{ ...ITEM, createdAt: 1e300 }] }, "createdAt"],
    ["another moment that is none", { ...HELLO, items: [{ ...ITEM, startedAt: 1e300 }] }, "startedAt"],
    ["an id in capital letters", { ...HELLO, items: [{ ...ITEM, task: ID.toUpperCase() }] }, "task"],
    [
      "more memory than can be counted",
      { ...HELLO, node: { ...HELLO.node, capacity: { cpu: 1, memory: 1e300, disk: 1 } } },
      "memory",
    ],
  ])("are refused with %s", (_what, message, where) => {
    expect(malformed(message)).toContain(where);
  });
});
