import { describe, expect, it } from "vitest";
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import { Network, type Connection, type Endpoint } from "./network.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualTime } from "./virtual-time.ts";

const frame = (rev: number): WorkerMessage => ({ kind: "frame", rev, ack: 0, reports: [] });

/** One worker connected to a manager that writes down what it hears. */
function connected(): {
  time: VirtualTime;
  network: Network;
  connection: () => Connection;
  heard: (number | string)[];
} {
  const time = new VirtualTime();
  const network = new Network(time, new SeededRandom(1));
  const heard: (number | string)[] = [];
  let open: Connection | undefined;
  const manager: Endpoint<WorkerMessage> = {
    received: (message) => heard.push(message.kind === "frame" ? message.rev : message.kind),
    closed: () => heard.push("closed"),
  };
  const worker: Endpoint<ManagerMessage> = { received: () => undefined, closed: () => undefined };
  network.dial(
    "worker1",
    { accept: () => manager },
    {
      opened: (connection) => {
        open = connection;
        return worker;
      },
      failed: () => heard.push("failed"),
    },
  );
  time.runUntil(100);
  const connection = (): Connection => {
    if (open === undefined) throw new Error("the network did not connect them");
    return open;
  };
  return { time, network, connection, heard };
}

describe("Network", () => {
  it("keeps the order within a connection, also over a partition, and ends it after everything else", () => {
    const { time, network, connection, heard } = connected();
    connection().sendToManager(frame(1));
    time.runUntil(200);
    network.partition(["worker1"]);
    connection().sendToManager(frame(2));
    connection().sendToManager(frame(3));
    connection().endWorker();
    time.runUntil(60_000);
    expect(heard).toEqual([1]);
    network.heal(["worker1"]);
    time.runUntil(61_000);
    expect(heard).toEqual([1, 2, 3, "closed"]);
  });

  it("loses what is under way when a connection is cut, and tells who is to notice", () => {
    const { time, connection, heard } = connected();
    connection().sendToManager(frame(1));
    connection().cut({ workerMs: undefined, managerMs: 500 });
    time.runUntil(1000);
    expect(heard).toEqual(["closed"]);
  });

  it("fails to dial over a partition", () => {
    const { time, network, heard } = connected();
    network.partition(["worker1"]);
    network.dial(
      "worker1",
      { accept: () => undefined },
      { opened: () => undefined, failed: () => heard.push("failed") },
    );
    time.runUntil(10_000);
    expect(heard).toEqual(["failed"]);
  });
});
