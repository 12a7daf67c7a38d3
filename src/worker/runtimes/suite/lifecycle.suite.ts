/** Starting, listing, stopping and removing instances; and whose they are. */
import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { requestOf, start } from "../../../../test/support/instances.ts";
import { POLITE, STUBBORN, WAIT, type TestBed } from "./test-bed.suite.ts";

export function lifecycleTests(bed: TestBed): void {
  describe("bringing up and down", () => {
    test("check resolves to the version of what runs the tasks", async () => {
      expect(await bed.runtime.check()).toMatch(/\S/);
    });

    test("nothing is there at first", async () => {
      expect(await bed.runtime.list()).toEqual([]);
    });

    test("a started instance is listed as running, with its label", async () => {
      const before = Date.now();
      const request = requestOf(bed.document(POLITE));
      const started = await start(bed.runtime, request);
      expect(started.containerId).not.toBe("");
      expect(started.startedAt).toBeGreaterThanOrEqual(before - 1000);
      expect(started.startedAt).toBeLessThanOrEqual(Date.now() + 1000);
      expect(await bed.runtime.list()).toEqual([
        {
          ref: request.ref,
          containerId: started.containerId,
          ports: [],
          label: request.label,
          startedAt: expect.any(Number),
          exit: undefined,
          running: true,
          paused: false,
        },
      ]);
    });

    test("starting one that runs finds it there", async () => {
      const request = requestOf(bed.document(POLITE));
      const first = await start(bed.runtime, request);
      const second = await start(bed.runtime, request);
      expect(second.containerId).toBe(first.containerId);
      expect(await bed.runtime.list()).toHaveLength(1);
    });

    test("starting one twice at the same time makes one", async () => {
      const request = requestOf(bed.document(POLITE));
      const [first, second] = await Promise.all([start(bed.runtime, request), start(bed.runtime, request)]);
      expect(second.containerId).toBe(first.containerId);
      expect(await bed.runtime.list()).toHaveLength(1);
    });

    test("attempts and restarts of a task are instances of their own", async () => {
      const first = requestOf(bed.document(POLITE));
      const refs = [first.ref, { ...first.ref, restart: 1 }, { ...first.ref, attempt: 2 }];
      const started = await Promise.all(refs.map((ref) => start(bed.runtime, { ...first, ref })));
      expect(new Set(started.map((each) => each.containerId)).size).toBe(3);
      expect((await bed.runtime.list()).map((each) => each.ref)).toEqual(expect.arrayContaining(refs));
    });

    test("twenty start at once", async () => {
      const requests = Array.from({ length: 20 }, () => requestOf(bed.document(POLITE)));
      await Promise.all(requests.map((request) => start(bed.runtime, request)));
      const running = (await bed.runtime.list()).filter((instance) => instance.running);
      expect(running.map(({ ref }) => ref.task).toSorted()).toEqual(requests.map(({ ref }) => ref.task).toSorted());
      await Promise.all(requests.map(({ ref }) => bed.runtime.remove(ref)));
      expect(await bed.runtime.list()).toEqual([]);
    });

    test("a stopped instance stays, with how it ended, until it is removed", async () => {
      const { ref } = await bed.ready(POLITE);
      const before = Date.now();
      const exit = await bed.runtime.stop(ref, 10_000);
      expect(Date.now() - before).toBeLessThan(9000);
      expect(exit).toMatchObject({ exitCode: expect.any(Number), oomKilled: false });
      expect(Math.abs((exit?.finishedAt ?? 0) - Date.now())).toBeLessThan(10_000);
      const [instance, ...others] = await bed.runtime.list();
      expect(others).toEqual([]);
      expect(instance).toMatchObject({ ref, running: false, exit: { exitCode: exit?.exitCode } });
      await bed.runtime.remove(ref);
      expect(await bed.runtime.list()).toEqual([]);
    });

    test("stopping one that has ended says again how it ended", async () => {
      const { ref } = await bed.ready(POLITE);
      const exit = await bed.runtime.stop(ref, 10_000);
      expect(await bed.runtime.stop(ref, 10_000)).toEqual(exit);
    });

    test("stopping or removing what is not there is no error", async () => {
      const { ref } = requestOf(bed.document(POLITE));
      expect(await bed.runtime.stop(ref, 1000)).toBeUndefined();
      await bed.runtime.remove(ref);
      await bed.runtime.remove(ref);
    });

    test("letting one go on that is not paused, or not there, is no error", async () => {
      const { ref } = await bed.ready(POLITE);
      await bed.runtime.resume(ref);
      await bed.runtime.resume(requestOf(bed.document(POLITE)).ref);
      expect(await bed.runtime.list()).toMatchObject([{ ref, running: true, paused: false }]);
    });

    test("a running instance can be removed without being stopped first", async () => {
      const { ref } = await bed.ready(STUBBORN);
      await bed.runtime.remove(ref);
      expect(await bed.runtime.list()).toEqual([]);
    });

    test("a start that is called off leaves nothing", async () => {
      const request = requestOf(bed.document(POLITE));
      await expect(bed.runtime.start(request, () => undefined, AbortSignal.abort())).rejects.toMatchObject({
        name: "StartError",
      });
      expect(await bed.runtime.list()).toEqual([]);
    });
  });

  describe("whose instances they are", () => {
    test("another worker neither sees nor stops nor removes them", async () => {
      const { ref } = await bed.ready(POLITE);
      const other = await bed.open(randomUUID());
      expect(await other.list()).toEqual([]);
      expect(await other.stop(ref, 1000)).toBeUndefined();
      await other.remove(ref);
      expect(await bed.runtime.list()).toMatchObject([{ ref, running: true }]);
    });

    if (bed.supports.adoption) {
      test("they run on when the runtime is closed, and a new one of the same worker adopts them", async () => {
        const request = requestOf(bed.document(POLITE));
        const started = await start(bed.runtime, request);
        await bed.runtime.close();
        const next = await bed.open(bed.workerId);
        expect(await next.list()).toMatchObject([
          { ref: request.ref, containerId: started.containerId, label: request.label, running: true },
        ]);
        expect((await start(next, request)).containerId).toBe(started.containerId);
        expect(await next.stop(request.ref, 10_000)).toMatchObject({ exitCode: expect.any(Number) });
      });

      if (bed.supports.commands) {
        test("one that ended while nobody watched is listed with its exit code", async () => {
          const request = requestOf(bed.document("sleep 0.2; exit 5"));
          await start(bed.runtime, request);
          await bed.runtime.close();
          const next = await bed.open(bed.workerId);
          await vi.waitFor(async () => {
            expect(await next.list()).toMatchObject([{ ref: request.ref, running: false, exit: { exitCode: 5 } }]);
          }, WAIT);
        });
      }
    }
  });
}
