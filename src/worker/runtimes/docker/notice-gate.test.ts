import { beforeEach, describe, expect, test } from "vitest";
import { requestOf } from "../../../../test/support/instances.ts";
import type { RuntimeNotice } from "../runtime.ts";
import { NoticeGate } from "./notice-gate.ts";

const { ref } = requestOf({ image: "a" });
const EXITED: RuntimeNotice = { kind: "exited", ref, exit: { exitCode: 0, oomKilled: false, finishedAt: 1 } };
const APPEARED: RuntimeNotice = { kind: "appeared", ref };
const REMOVED: RuntimeNotice = { kind: "removed", ref };

describe("notices", () => {
  let gate: NoticeGate;
  let told: RuntimeNotice[];

  beforeEach(() => {
    gate = new NoticeGate();
    told = [];
  });

  function pass(id: string, notice: RuntimeNotice): void {
    gate.pass(id, notice, (each) => told.push(each));
  }

  test("of a container that runs are told at once", () => {
    pass("a", EXITED);
    expect(told).toEqual([EXITED]);
  });

  test("of one that is being started wait, in their order, and nobody else's do", () => {
    gate.starting("a");
    pass("a", EXITED);
    pass("a", REMOVED);
    expect(told).toEqual([]);
    pass("b", EXITED);
    expect(told).toEqual([EXITED]);
    gate.release("a");
    expect(told).toEqual([EXITED, EXITED, REMOVED]);
    pass("a", REMOVED);
    expect(told).toHaveLength(4);
  });

  test("of one that could not be started are not told, before and after", () => {
    gate.starting("a");
    pass("a", EXITED);
    gate.failed("a");
    pass("a", EXITED);
    pass("a", REMOVED);
    expect(told).toEqual([]);
  });

  test("of an appearance are told unless the start was our own, which the engine may tell of late", () => {
    pass("a", APPEARED);
    expect(told).toEqual([APPEARED]);
    gate.starting("b");
    pass("b", APPEARED);
    gate.release("b");
    pass("b", APPEARED);
    expect(told).toEqual([APPEARED]);
    pass("b", EXITED);
    pass("b", APPEARED);
    expect(told).toEqual([APPEARED, EXITED, APPEARED]);
  });

  test("of an appearance after our own start was given up, or may have been missed, are told", () => {
    gate.starting("a");
    gate.abandon("a");
    pass("a", APPEARED);
    gate.starting("b");
    gate.release("b");
    gate.forget();
    pass("b", APPEARED);
    expect(told).toEqual([APPEARED, APPEARED]);
  });

  test("of one that could be started the second time are told", () => {
    gate.starting("a");
    gate.failed("a");
    gate.starting("a");
    gate.release("a");
    pass("a", EXITED);
    expect(told).toEqual([EXITED]);
  });
});
