import { once } from "node:events";
import type { Output } from "../context.ts";

/** Who waits for the same output waits together. */
const draining = new WeakMap<Output, Promise<unknown>>();

/** Resolves when the output takes more: whoever waits for it reads no faster than the user. */
export async function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  if (chunk.length === 0 || output.write(chunk)) return;
  const drained = draining.get(output) ?? once(output, "drain").finally(() => draining.delete(output));
  draining.set(output, drained);
  await drained;
}
