import { expect, test } from "vitest";
import { Reader } from "./reader.ts";

const MIB = 2 ** 20;

test("what waits is taken in order, and then what comes", async () => {
  const reader = new Reader();
  for (const byte of [1, 2]) reader.push(Uint8Array.of(byte));
  const read: number[] = [];
  const done = (async () => {
    for await (const frame of reader.rest()) {
      read.push(frame[0] ?? 0);
      if (read.length === 2) reader.push(Uint8Array.of(3));
      if (read.length === 3) reader.end();
    }
  })();
  await done;
  expect(read).toEqual([1, 2, 3]);
});

test("one that falls far behind is let go, and nothing is kept for it", () => {
  const reader = new Reader();
  for (let sent = 0; sent < 8; sent += 1) reader.push(new Uint8Array(MIB));
  expect(reader.isOver).toBe(false);
  reader.push(Uint8Array.of(1));
  expect(reader.isOver).toBe(true);
  expect([...reader.take()]).toEqual([]);
});
