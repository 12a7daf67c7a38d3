/** Ports of instances that have a network of their own. */
import { createServer } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import { answerOf, freePort, listening } from "../../../../test/support/sockets.ts";
import type { PortBinding } from "../../../task/task.ts";
import { POLITE, WAIT, type TestBed } from "./test-bed.suite.ts";

/** For runtimes that publish them. `listen` is a script that answers `hello` on a port. */
export function portTests(bed: TestBed, listen: (port: number) => string): void {
  describe("ports", () => {
    test("are published where they were chosen, reachable, and listed", async () => {
      const host = await freePort();
      const request = requestOf({ ...bed.document(listen(7777)), ports: [{ container: 7777, host }] });
      const binding: PortBinding = { container: 7777, host, protocol: "tcp", address: "127.0.0.1" };
      await start(bed.runtime, { ...request, ports: [binding] });
      expect(await bed.runtime.list()).toMatchObject([{ ref: request.ref, ports: [binding] }]);
      await vi.waitFor(async () => expect(await answerOf("127.0.0.1", host)).toContain("hello"), WAIT);
      const address = await bed.runtime.addressOf(request.ref);
      expect(address).toBeDefined();
      await vi.waitFor(async () => expect(await answerOf(address ?? "", 7777)).toContain("hello"), WAIT);
    });

    test("that are taken fail the start, name the port, and nothing is left", async () => {
      const taken = createServer();
      const host = await listening(taken);
      try {
        const request = requestOf({ ...bed.document(POLITE), ports: [{ container: 80, host }] });
        const binding: PortBinding = { container: 80, host, protocol: "tcp", address: "127.0.0.1" };
        await expect(start(bed.runtime, { ...request, ports: [binding] })).rejects.toMatchObject({
          name: "StartError",
          code: "ports",
          message: expect.stringContaining(String(host)),
        });
        expect(await bed.runtime.list()).toEqual([]);
      } finally {
        taken.close();
      }
    });
  });
}
