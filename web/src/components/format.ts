/** Quantities as people read them. */
import type { ResourcesJson } from "../../../src/api/json-types.ts";
import { formatSize } from "../../../src/utils/sizes.ts";
import type { Type } from "typebox";

export type Resources = Type.Static<typeof ResourcesJson>;
export type ResourceName = keyof Resources;

export const RESOURCES: readonly { readonly name: ResourceName; readonly label: string }[] = [
  { name: "cpu", label: "CPU" },
  { name: "memory", label: "Memory" },
  { name: "disk", label: "Disk" },
];

/** `0.25`, `2`, `1,280`: cores with at most two decimals. */
export function formatCores(cores: number): string {
  return CORES.format(cores);
}

/** `2 cores`, `1.5 GiB` */
export function formatAmount(resource: ResourceName, amount: number): string {
  return resource === "cpu" ? `${formatCores(amount)} ${amount === 1 ? "core" : "cores"}` : formatSize(amount);
}

/** `1.5 of 8 cores`, `512 MiB of 16 GiB` */
export function formatPart(resource: ResourceName, part: number, whole: number): string {
  const first = resource === "cpu" ? formatCores(part) : formatSize(part);
  return `${first} of ${formatAmount(resource, whole)}`;
}

/** `37 %`; of nothing, nothing. */
export function formatShare(part: number, whole: number): string {
  return PERCENT.format(whole > 0 ? part / whole : 0);
}

export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `3 tasks`, `1 task` */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `Running`, for words that begin a line. */
export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `worker1, worker2 and worker3` */
export function listed(words: readonly string[]): string {
  return LIST.format(words);
}

/** The end of an id, which tells apart what was made in the same moment. */
export function shortId(id: string): string {
  return id.slice(-8);
}

const CORES = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const COUNT = new Intl.NumberFormat("en");
const LIST = new Intl.ListFormat("en");
