/**
 * `scheduler`: placements a second: decision, ledger and explanation, without HTTP and store. Peers' figures are those
 * that were measured on a machine of this size: SwarmKit's own scheduler benchmark, and for 5,000 nodes Nomad's too.
 */
import { PROTOCOL_VERSION, type Hello } from "../src/protocol/messages.ts";
import { ManagerCore } from "../src/manager/core/core.ts";
import { DEFAULT_SETTINGS } from "../src/manager/core/state.ts";
import { createScheduler } from "../src/scheduler/create-scheduler.ts";
import { greedy } from "../src/scheduler/greedy.ts";
import type { TaskId } from "../src/task/id.ts";
import { median, spread, type Benchmark, type Figure } from "./bench.ts";
import { PlacementRounds, type PlacementLoad } from "./placement-load.ts";

const GIB = 2 ** 30;
const WARM_UP_RUNS = 3;
const RUNS = 7;
const PLACEMENTS_A_RUN = 100_000;
/** The small difference between two large figures: many short pairs, since the machine's speed changes. */
const PAIRS = 63;
const ROUNDS_A_PAIR = 3;
const UNIT = "placements/s";
const SWARMKIT_1000 = { name: "SwarmKit, 1,000 nodes", value: 7800 };
const NOMAD_5000 = { name: "Nomad, 5,000 nodes", value: 5190 };

interface Row {
  readonly name: string;
  readonly load: Omit<PlacementLoad, "algorithm">;
  readonly peer: { readonly name: string; readonly value: number };
  readonly goals: Readonly<Record<string, number>>;
}

const ROWS: readonly Row[] = [
  {
    name: "10,000 alike tasks, 1,000 nodes",
    load: { nodes: 1000, tasks: 10_000, classes: 1, isConstrained: false },
    peer: SWARMKIT_1000,
    goals: { greedy: 1_000_000, epvm: 500_000 },
  },
  {
    name: "100,000 alike tasks with a constraint, 5,000 nodes",
    load: { nodes: 5000, tasks: 100_000, classes: 1, isConstrained: true },
    peer: NOMAD_5000,
    goals: { greedy: 1_000_000, epvm: 500_000 },
  },
  {
    name: "10,000 tasks of 50 classes, 1,000 nodes",
    load: { nodes: 1000, tasks: 10_000, classes: 50, isConstrained: false },
    peer: SWARMKIT_1000,
    goals: { greedy: 150_000, epvm: 75_000 },
  },
  {
    name: "10,000 tasks, all different, 1,000 nodes",
    load: { nodes: 1000, tasks: 10_000, classes: 10_000, isConstrained: false },
    peer: SWARMKIT_1000,
    goals: { greedy: 50_000, epvm: 20_000 },
  },
];

const GROWTH = [100, 1000, 5000, 20_000];

export const scheduler: Benchmark = {
  name: "scheduler",
  what: "placements a second, by processor time: decision, ledger and explanation",
  run(say) {
    const figures: Figure[] = [];
    for (const { name, load, peer, goals } of ROWS) {
      for (const [algorithm, goal] of Object.entries(goals)) {
        say(`${algorithm}: ${name}`);
        const rates = measurePlacements({ ...load, algorithm }).map((ns) => 1e9 / ns);
        figures.push(rate(`${algorithm}: ${name}`, rates, { against: peer, goal }));
      }
    }
    say("what explanations cost");
    figures.push(explanations());
    for (const algorithm of ["greedy", "epvm"]) {
      say(`${algorithm}: from ${String(GROWTH[0])} to ${String(GROWTH.at(-1))} nodes`);
      figures.push(...growth(algorithm));
    }
    say("the manager's own bookkeeping");
    figures.push(bookkeeping());
    return Promise.resolve(figures);
  },
};

/** Nanoseconds of processor time a placement, by run; each run is of so many placements that it pays for its garbage. */
function measurePlacements(load: PlacementLoad): number[] {
  const cluster = new PlacementRounds(load);
  return measure(() => cluster.run(roundsOf(load)));
}

function roundsOf({ tasks }: PlacementLoad): number {
  return Math.ceil(PLACEMENTS_A_RUN / tasks);
}

/** A few times to warm up, as a manager is, then for the record. */
function measure(run: () => number): number[] {
  for (let time = 0; time < WARM_UP_RUNS; time += 1) run();
  return Array.from({ length: RUNS }, run);
}

function rate(
  name: string,
  rates: readonly number[],
  { against, goal }: { readonly against: { readonly name: string; readonly value: number }; readonly goal: number },
): Figure {
  const value = median(rates);
  const met = value >= goal;
  return {
    name,
    value,
    unit: UNIT,
    against,
    ratio: value / against.value,
    goal: `≥ ${String(goal)}`,
    met,
    spread: spread(rates),
  };
}

/** The same placements with and without the best costs in words, in turn. */
function explanations(): Figure {
  const load = { algorithm: "greedy", nodes: 1000, tasks: 10_000, classes: 1, isConstrained: false };
  const bare = new PlacementRounds({ ...load, mostCosts: 0 });
  const explained = new PlacementRounds(load);
  const addedByExplanation = (): number => {
    const ns = bare.run(ROUNDS_A_PAIR);
    return (explained.run(ROUNDS_A_PAIR) / ns - 1) * 100;
  };
  const shares = Array.from({ length: PAIRS }, addedByExplanation).slice(WARM_UP_RUNS);
  const value = median(shares);
  const against = { name: "limit", value: 10 };
  return {
    name: "what the explanation adds to a placement",
    ...{ value, unit: "%", against, ratio: value / 10, goal: "≤ 10 %", met: value <= 10, spread: spread(shares) },
  };
}

/** How the cost of a placement grows with the number of nodes, beside what the logarithm would add. */
function growth(algorithm: string): Figure[] {
  const base = median(measurePlacements(ofNodes(algorithm, GROWTH[0] ?? 1)));
  return GROWTH.map((nodes) => {
    const costs = measurePlacements(ofNodes(algorithm, nodes));
    const logarithm = base * (Math.log2(nodes) / Math.log2(GROWTH[0] ?? 1));
    const against = { name: `× log of the nodes`, value: logarithm };
    const value = median(costs);
    const ratio = value / logarithm;
    const name = `${algorithm}: one placement, ${String(nodes)} nodes`;
    return { name, value, unit: "ns", against, ratio, goal: "≤ 2 × log", met: ratio <= 2, spread: spread(costs) };
  });
}

function ofNodes(algorithm: string, nodes: number): PlacementLoad {
  return { algorithm, nodes, tasks: 20_000, classes: 1, isConstrained: false };
}

/** What a placement costs when the manager's core does it: records, history, queue and messages, without the store. */
function bookkeeping(): Figure {
  const rates = measure(placeByCore);
  const bare = 1e9 / median(measurePlacements({ ...ofNodes("greedy", 1000), tasks: 10_000 }));
  const value = median(rates);
  const against = { name: "the scheduler alone", value: bare };
  return {
    name: "greedy: 10,000 tasks through the manager's core, 1,000 nodes",
    ...{ value, unit: UNIT, against, ratio: value / bare, goal: "-", met: true, spread: spread(rates) },
  };
}

function placeByCore(): number {
  const tasks = 10_000;
  const core = new ManagerCore(
    {
      settings: DEFAULT_SETTINGS,
      scheduler: createScheduler(greedy, { costUse: "measured" }),
      random: () => 0.5,
      rows: () => [],
      lastRow: () => undefined,
      newClusterId: "bench",
    },
    { mono: 0, wall: 0 },
  );
  for (let session = 1; session <= 1000; session += 1) {
    const hello = helloOf(`worker${String(session)}`);
    core.step([{ kind: "helloReceived", session, hello, endedIds: new Set() }], { mono: 0, wall: 0 });
  }
  const submitted = Array.from({ length: tasks }, (_, index) => {
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}` as TaskId;
    return { id, name: "task", document: { image: "echo", cpu: 0.1, memory: "64MiB" } };
  });
  const before = process.cpuUsage();
  core.step([{ kind: "tasksSubmitted", request: 1, tasks: submitted, endedIds: new Set(), idempotency: undefined }], {
    mono: 1,
    wall: 1,
  });
  for (let step = 0; core.state.counts.scheduled < tasks; step += 1) {
    if (step > tasks) throw new Error("the manager's core does not place all tasks");
    core.step([], { mono: 2 + step, wall: 2 + step });
  }
  const { user, system } = process.cpuUsage(before);
  return (tasks / (user + system)) * 1e6;
}

function helloOf(name: string): Hello {
  const capacity = { cpu: 16, memory: 64 * GIB, disk: 500 * GIB };
  const node = {
    nodeId: name,
    name,
    address: "127.0.0.1",
    labels: {},
    runtimes: ["docker" as const],
    version: "bench",
    capacity,
  };
  return { kind: "hello", version: PROTOCOL_VERSION, instanceId: `${name}-1`, node, specs: [], items: [] };
}
