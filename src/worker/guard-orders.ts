/**
 * What a worker tells its guard, by a file in the worker's data directory: the guard has to know it when the worker is
 * gone. The file is of one start of the machine, so it need not survive a loss of power, only of the process.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeKind } from "../task/document.ts";
import type { GuardOrder } from "./core/events.ts";

export interface GuardFile extends GuardOrder {
  /** The guard that is meant; any other one has been replaced. */
  readonly guard: string;
  readonly bootId: string;
  readonly workerId: string;
  readonly runtimes: readonly { readonly kind: RuntimeKind; readonly directory: string }[];
}

export function writeOrders(directory: string, orders: GuardFile): void {
  const path = join(directory, "guard.json");
  writeFileSync(`${path}.new`, JSON.stringify(orders), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined when there are none: the data directory is gone. */
export function readOrders(directory: string): GuardFile | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, "guard.json"), "utf8")) as GuardFile;
  } catch {
    return undefined;
  }
}
