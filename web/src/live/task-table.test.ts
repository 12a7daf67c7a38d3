import { expect, test } from "vitest";
import { TaskTable } from "./task-table.ts";

test("finds tasks by their ids, those that came before it was first asked and those that came after", () => {
  const table = new TaskTable();
  const first = table.add(1, "a", "one");
  const second = table.add(2, "b", "two");
  table.remove(first);
  expect([table.slotOfId("a"), table.slotOfId("b")]).toEqual([undefined, second]);
  const third = table.add(3, "c", "three");
  table.remove(second);
  expect([table.slotOfId("b"), table.slotOfId("c")]).toEqual([undefined, third]);
});

test("grows with its rows, and keeps what is in them", () => {
  const table = new TaskTable();
  table.reserve(1500);
  const rows = 5000;
  for (let n = 1; n <= rows; n += 1) {
    const slot = table.add(n, `id-${String(n)}`, "");
    table.createdAt[slot] = n * 10;
  }
  table.reserve(1);
  expect(table.size).toBe(rows);
  for (let n = 1; n <= rows; n += 1) expect(table.createdAt[table.slot(n) ?? -1]).toBe(n * 10);
});
