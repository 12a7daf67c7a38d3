/** What instances use. */
import { describe, expect, test, vi } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import { instanceName } from "../runtime.ts";
import { POLITE, WAIT, type TestBed } from "./test-bed.suite.ts";

/** For runtimes that measure it. */
export function useTests(bed: TestBed): void {
  describe("measured use", () => {
    test("is there for what runs, and for nothing else", async () => {
      const busy = requestOf(bed.document("while true; do :; done"));
      await start(bed.runtime, busy);
      const idle = await bed.ready(POLITE);
      const gone = await bed.ended("exit 0");
      await vi.waitFor(async () => {
        const use = await bed.runtime.use();
        expect([...use.keys()].toSorted()).toEqual([instanceName(busy.ref), instanceName(idle.ref)].toSorted());
        expect(use.get(instanceName(busy.ref))?.cpu).toBeGreaterThan(0.2);
        expect(use.get(instanceName(idle.ref))?.cpu).toBeLessThan(0.2);
        expect(use.get(instanceName(idle.ref))?.memory).toBeGreaterThan(0);
        expect(use.get(instanceName(idle.ref))?.memory).toBeLessThan(64 * 2 ** 20);
        expect(use.has(instanceName(gone.ref))).toBe(false);
      }, WAIT);
    });
  });
}
