/** What goes wrong, drawn from the seed before it begins; and how each fault is brought about and taken back. */
import type { SeededRandom } from "../support/seeded-random.ts";
import type { ChaosCluster, ChaosNode } from "./chaos-cluster.ts";
import type { Injuries } from "./injuries.ts";
import type { Planned } from "./workload.ts";

export interface Fault {
  readonly kind: FaultKind;
  readonly durationMs: number;
  /** Index of the node; of a fault of many nodes, the first. */
  readonly node: number;
  /** From 0, below 1: which container, how slow. */
  readonly dice: number;
}

interface Site {
  readonly cluster: ChaosCluster;
  readonly node: ChaosNode;
  readonly fault: Fault;
  readonly injuries: Injuries;
}

interface FaultRow {
  readonly weight: number;
  /** From and to; short ones are the most. A fault without is over when it is done. */
  readonly durationMs?: readonly [number, number];
  /** What nobody else may touch meanwhile. */
  readonly occupies: (node: number, nodes: number) => readonly string[];
  /** What it did, where that says more than the kind. */
  readonly begin: (site: Site) => Promise<string | void> | string | void;
  readonly end?: (site: Site) => Promise<void> | void;
}

/** So many lines are gone at once in a partition: more than half of five. */
const PARTITION = 3;
const HELD = {
  both: { up: true, down: true },
  up: { up: true, down: false },
  down: { up: false, down: true },
} as const;

const worker = (node: number): string[] => [`worker ${String(node)}`];
const engine = (node: number): string[] => [`engine ${String(node)}`];
const line = (node: number): string[] => [`line ${String(node)}`];
const manager = (): string[] => ["manager"];

function stalled(direction: keyof typeof HELD): Pick<FaultRow, "occupies" | "begin" | "end"> {
  return {
    occupies: line,
    begin: ({ node }) => void (node.line.line = { kind: "stalled", ...HELD[direction] }),
    end: mended,
  };
}

/** Without `isLiveRestore` its containers end when it is back and finds them. */
async function killEngine({ node, injuries }: Site): Promise<string | void> {
  injuries.engineKilled(node.name, { endsAll: !node.isLiveRestore });
  await node.engine.kill();
  if (node.isLiveRestore) return "its containers are to run on";
}

async function reviveEngine({ node, injuries }: Site): Promise<void> {
  await node.engine.startAgain();
  injuries.engineBack(node.name);
}

function mended({ node }: Site): void {
  node.line.line = { kind: "whole" };
}

export const FAULTS = {
  managerKilled: {
    weight: 8,
    durationMs: [100, 20_000],
    occupies: manager,
    begin: async ({ cluster }) => cluster.manager.kill(),
    end: ({ cluster }) => cluster.manager.start(),
  },
  managerFrozen: {
    weight: 3,
    durationMs: [500, 12_000],
    occupies: manager,
    begin: ({ cluster }) => cluster.manager.suspend(),
    end: ({ cluster }) => cluster.manager.resume(),
  },
  managerDiskFull: {
    weight: 4,
    durationMs: [1000, 8000],
    occupies: () => ["manager's disk"],
    begin: ({ cluster }) => cluster.managerDisk.fill(),
    end: ({ cluster }) => cluster.managerDisk.empty(),
  },
  workerKilled: {
    weight: 14,
    durationMs: [100, 30_000],
    occupies: worker,
    begin: async ({ node }) => node.worker.kill(),
    end: ({ node }) => node.worker.start(),
  },
  workerFrozen: {
    weight: 6,
    durationMs: [500, 30_000],
    occupies: worker,
    begin: ({ node }) => node.worker.suspend(),
    end: ({ node }) => node.worker.resume(),
  },
  workerDiskFull: {
    weight: 6,
    durationMs: [1000, 15_000],
    occupies: (node) => [`disk ${String(node)}`],
    begin: ({ node }) => node.disk.fill(),
    end: ({ node }) => node.disk.empty(),
  },
  engineKilled: {
    weight: 10,
    durationMs: [100, 15_000],
    occupies: engine,
    begin: killEngine,
    end: reviveEngine,
  },
  workerAndEngineKilled: {
    weight: 4,
    durationMs: [1000, 35_000],
    occupies: (node) => [...worker(node), ...engine(node)],
    begin: async (site) => {
      await Promise.all([site.node.worker.kill(), killEngine(site)]);
    },
    end: async (site) => {
      site.node.worker.start();
      await reviveEngine(site);
    },
  },
  engineFrozen: {
    weight: 6,
    durationMs: [500, 20_000],
    occupies: engine,
    begin: ({ node }) => node.engine.suspend(),
    end: ({ node }) => node.engine.resume(),
  },
  lineCut: {
    weight: 8,
    durationMs: [50, 30_000],
    occupies: line,
    begin: ({ node }) => void (node.line.line = { kind: "cut" }),
    end: mended,
  },
  lineStalled: { weight: 8, durationMs: [500, 35_000], ...stalled("both") },
  lineDeaf: { weight: 4, durationMs: [500, 30_000], ...stalled("down") },
  lineMute: { weight: 4, durationMs: [500, 30_000], ...stalled("up") },
  lineSlow: {
    weight: 6,
    durationMs: [2000, 20_000],
    occupies: line,
    begin: ({ node, fault }) => {
      const delayMs = Math.round(50 + 2000 * fault.dice);
      node.line.line = { kind: "slow", delayMs };
      return `by ${String(delayMs)} ms`;
    },
    end: mended,
  },
  partition: {
    weight: 2,
    durationMs: [2000, 30_000],
    occupies: (node, nodes) => manyFrom(node, nodes).flatMap(line),
    begin: ({ cluster, fault }) => {
      const many = manyFrom(fault.node, cluster.nodes.length).flatMap((index) => cluster.nodes[index] ?? []);
      for (const each of many) each.line.line = { kind: "stalled", ...HELD.both };
      return many.map(({ name }) => name).join(", ");
    },
    end: ({ cluster, fault }) => {
      for (const index of manyFrom(fault.node, cluster.nodes.length)) {
        const each = cluster.nodes[index];
        if (each !== undefined) each.line.line = { kind: "whole" };
      }
    },
  },
  containerKilled: {
    weight: 14,
    occupies: engine,
    begin: (site) => toAContainer(site, async ({ handle, abortSignal }) => handle.kill({ abortSignal })),
  },
  containerRemoved: {
    weight: 8,
    occupies: engine,
    begin: (site) => toAContainer(site, async ({ handle, abortSignal }) => handle.remove({ force: true, abortSignal })),
  },
} satisfies Record<string, FaultRow>;

export type FaultKind = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export interface FaultPlanOptions {
  readonly random: SeededRandom;
  /** All faults are over by then. */
  readonly durationMs: number;
  readonly nodes: number;
  /** No others than these; all where it is left open. */
  readonly kinds?: readonly FaultKind[] | undefined;
}

/** The cluster has this long to come up and get its first tasks. */
const QUIET_MS = 5000;
const GAP_MS = [200, 4000] as const;

export function planFaults({ random, durationMs, nodes, kinds = FAULT_KINDS }: FaultPlanOptions): Planned<Fault>[] {
  const weighted = kinds.map((kind) => ({ kind, weight: FAULTS[kind].weight }));
  const plan: Planned<Fault>[] = [];
  const busyUntil = new Map<string, number>();
  for (let atMs = QUIET_MS; atMs < durationMs; atMs += random.between(...GAP_MS)) {
    const { kind } = random.pickWeighted(weighted);
    const row: FaultRow = FAULTS[kind];
    const [low, high] = row.durationMs ?? [0, 0];
    const drawn = Math.min(low + (high - low) * random.next() ** 2, durationMs - atMs);
    const fault = { kind, node: random.below(nodes), dice: random.next(), durationMs: Math.floor(drawn) };
    const occupied = row.occupies(fault.node, nodes);
    if (occupied.some((part) => (busyUntil.get(part) ?? 0) > atMs)) continue;
    // A breath between two faults of the same part, so that the second finds it there.
    for (const part of occupied) busyUntil.set(part, atMs + fault.durationMs + 500);
    plan.push({ atMs, what: fault });
  }
  return plan;
}

/** What the fault is done to, for the log. */
export function describeFault({ kind, node, durationMs }: Fault, nodes: readonly ChaosNode[]): string {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const place = kind.startsWith("manager") ? "" : ` (${nodes[node]?.name ?? ""})`;
  return `${words}${place}${durationMs === 0 ? "" : ` for ${(durationMs / 1000).toFixed(1)} s`}`;
}

interface Victim {
  readonly handle: ReturnType<ChaosNode["engine"]["docker"]["getContainer"]>;
  readonly abortSignal: AbortSignal;
}

const ENGINE_PATIENCE_MS = 15_000;

/** Does it to a running container of the node, if there is one, behind Birdman's back. */
async function toAContainer(site: Site, act: (victim: Victim) => Promise<unknown>): Promise<string> {
  const { node, fault, injuries } = site;
  const abortSignal = AbortSignal.timeout(ENGINE_PATIENCE_MS);
  const running = await node.engine.docker.listContainers({ filters: { label: ["birdman.task"] }, abortSignal });
  const victim = running[Math.floor(fault.dice * running.length)];
  if (victim === undefined) return "there is none";
  const task = victim.Labels["birdman.task"] ?? "";
  injuries.containerHurt(task);
  try {
    await act({ handle: node.engine.docker.getContainer(victim.Id), abortSignal });
  } finally {
    injuries.containerHurt(task);
  }
  return `${victim.Labels["birdman.name"] ?? ""}, attempt ${victim.Labels["birdman.attempt"] ?? ""}`;
}

function manyFrom(first: number, nodes: number): number[] {
  return Array.from({ length: Math.min(PARTITION, nodes) }, (_, offset) => (first + offset) % nodes);
}

/** The parts that nobody else may touch until the fault is taken back. */
export function partsOf({ kind, node }: Fault, nodes: number): readonly string[] {
  const row: FaultRow = FAULTS[kind];
  return row.occupies(node, nodes);
}

/** Brings a fault about. Resolves to a sentence about it. */
export async function beginFault(fault: Fault, place: Omit<Site, "fault" | "node">): Promise<string | undefined> {
  const row: FaultRow = FAULTS[fault.kind];
  return (await row.begin(siteOf(fault, place))) ?? undefined;
}

/** Takes it back. */
export async function endFault(fault: Fault, place: Omit<Site, "fault" | "node">): Promise<void> {
  const row: FaultRow = FAULTS[fault.kind];
  await row.end?.(siteOf(fault, place));
}

function siteOf(fault: Fault, place: Omit<Site, "fault" | "node">): Site {
  const node = place.cluster.nodes[fault.node];
  if (node === undefined) throw new Error(`there is no node ${String(fault.node)}`);
  return { ...place, fault, node };
}
