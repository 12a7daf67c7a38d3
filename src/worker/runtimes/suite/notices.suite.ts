/** What a runtime tells by itself. */
import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { requestOf, start, watch } from "../../../../test/support/instances.ts";
import { POLITE, WAIT, type TestBed } from "./test-bed.suite.ts";

export function noticeTests(bed: TestBed): void {
  describe("notices", () => {
    test("removing is noticed", async () => {
      const notices = await watch(bed.runtime);
      const { ref } = await bed.ready(POLITE);
      await bed.runtime.remove(ref);
      await vi.waitFor(() => expect(notices).toContainEqual({ kind: "removed", ref }), WAIT);
    });

    test("of a start by the runtime itself there is none", async () => {
      const notices = await watch(bed.runtime);
      const first = await bed.ready(POLITE);
      await start(bed.runtime, first);
      await bed.runtime.remove(first.ref);
      await vi.waitFor(() => expect(notices).toContainEqual({ kind: "removed", ref: first.ref }), WAIT);
      expect(notices.map(({ kind }) => kind)).not.toContain("appeared");
    });

    test("stopping is noticed", async () => {
      const notices = await watch(bed.runtime);
      const { ref } = await bed.ready(POLITE);
      const exit = await bed.runtime.stop(ref, 10_000);
      await vi.waitFor(() => {
        expect(notices).toContainEqual(
          expect.objectContaining({
            kind: "exited",
            ref,
            exit: expect.objectContaining({ exitCode: exit?.exitCode }),
          }),
        );
      }, WAIT);
    });

    test("another worker's are not noticed", async () => {
      const other = await bed.open(randomUUID());
      const foreign = await watch(other);
      const own = await watch(bed.runtime);
      const { ref } = await bed.ready(POLITE);
      await bed.runtime.remove(ref);
      await vi.waitFor(() => expect(own).toContainEqual({ kind: "removed", ref }), WAIT);
      expect(foreign).toEqual([]);
    });

    test("none comes after close", async () => {
      const notices = await watch(bed.runtime);
      const { ref } = await bed.ready(POLITE);
      await bed.runtime.close();
      const count = notices.length;
      const next = await bed.open(bed.workerId);
      const later = await watch(next);
      const another = requestOf(bed.document(POLITE));
      await start(next, another);
      await next.remove(ref);
      await next.remove(another.ref);
      await vi.waitFor(() => expect(later).toContainEqual({ kind: "removed", ref: another.ref }), WAIT);
      expect(notices).toHaveLength(count);
    });

    if (bed.supports.commands) {
      test.each([0, 3])("an end with exit code %i is noticed", async (exitCode) => {
        const notices = await watch(bed.runtime);
        const request = requestOf(bed.document(`exit ${String(exitCode)}`));
        await start(bed.runtime, request);
        await vi.waitFor(() => {
          expect(notices).toContainEqual({
            kind: "exited",
            ref: request.ref,
            exit: { exitCode, oomKilled: false, finishedAt: expect.any(Number) },
          });
        }, WAIT);
      });

      test("of a start that fails there are none: its rejection says it all", async () => {
        const notices = await watch(bed.runtime);
        const { entrypoint: _entrypoint, ...rest } = bed.document("");
        const failing = requestOf({ ...rest, command: ["/no/such/program"] });
        await expect(start(bed.runtime, failing)).rejects.toMatchObject({ name: "StartError" });
        const { ref } = await bed.ready(POLITE);
        await bed.runtime.remove(ref);
        await vi.waitFor(() => expect(notices).toContainEqual({ kind: "removed", ref }), WAIT);
        expect(notices.filter((notice) => "ref" in notice && notice.ref.task !== ref.task)).toEqual([]);
      });

      test("of an end come after the start has been answered", async () => {
        const order: string[] = [];
        await bed.runtime.watch(({ kind }) => order.push(kind));
        const request = requestOf(bed.document("exit 0"));
        await start(bed.runtime, request).then(() => order.push("started"));
        await vi.waitFor(() => expect(order).toContain("exited"), WAIT);
        expect(order.slice(0, 2)).toEqual(["started", "exited"]);
      });
    }
  });
}
