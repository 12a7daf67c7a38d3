/** Amounts of a resource in words for people: `0.5 cores`, `256 MiB`. */
import type { ResourceName } from "../node/ledger.ts";
import { formatSize } from "../utils/sizes.ts";

export function formatAmount(what: ResourceName, amount: number): string {
  if (what !== "cpu") return formatSize(amount);
  const cores = Number(amount.toFixed(6));
  return cores === 1 ? "1 core" : `${String(cores)} cores`;
}

/** An amount in words with what it is of: `0.5 cores`, `256 MiB of memory`. */
export function ofResource(what: ResourceName, amount: string): string {
  return what === "cpu" ? amount : `${amount} of ${what}`;
}

/** Two amounts that differ, so that the words differ too: to the byte where rounding would hide it. */
export function formatPair(what: ResourceName, a: number, b: number): readonly [string, string] {
  const words = [formatAmount(what, a), formatAmount(what, b)] as const;
  return what === "cpu" || words[0] !== words[1] ? words : [`${String(a)} B`, `${String(b)} B`];
}

/** The amount rounded up, so that whoever provides it provides enough. */
export function formatAtLeast(what: ResourceName, amount: number): string {
  if (what === "cpu") return formatAmount(what, amount);
  let unit = 1;
  while (amount / unit >= 1024) unit *= 1024;
  const step = unit === 1 ? 1 : unit / 10;
  return formatAmount(what, Math.ceil(Math.ceil(amount / step) * step));
}

/** A cost with four significant digits. */
export function formatCost(cost: number): string {
  return String(Number(cost.toPrecision(4)));
}
