import { fstatSync } from "node:fs";
import type { Output } from "../context.ts";

/** Whether two outputs lead to one place: the same terminal, pipe or file. */
export function isSameFile(a: Output, b: Output): boolean {
  if (a.fd === undefined || b.fd === undefined) return false;
  const [first, second] = [fstatSync(a.fd), fstatSync(b.fd)];
  return first.dev === second.dev && first.ino === second.ino;
}
