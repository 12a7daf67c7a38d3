/**
 * A run of the chaos suite: a real cluster under load while everything that can go wrong goes wrong; then quiet, and a look
 * whether all is as it was promised: every accepted task accounted for, what should run runs exactly once, what ended ended
 * once and truly, nothing that must not ran twice at a time, and nothing is left over.
 */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SeededRandom } from "../support/seeded-random.ts";
import { until } from "../support/birdman-process.ts";
import { Aftermath } from "./aftermath.ts";
import { ChaosCluster } from "./chaos-cluster.ts";
import { beginFault, describeFault, endFault, type Fault, type FaultKind, partsOf, planFaults } from "./faults.ts";
import { Injuries } from "./injuries.ts";
import { leftMounted } from "./leftovers.ts";
import { ManagerApi } from "./manager-api.ts";
import type { OwnEnd } from "./subject.ts";
import { describeTasks, User } from "./user.ts";
import { type Planned, planWorkload, type UserAction } from "./workload.ts";

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Only these faults; all where it is left open. */
  readonly faults?: readonly FaultKind[] | undefined;
  /** Ends the run early, and cleans up. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface ChaosVerdict {
  /** Readable accounts of what went wrong; none when all is well. */
  readonly violations: readonly string[];
  /** Where the logs of all processes were kept; undefined when nothing went wrong. */
  readonly logs: string | undefined;
}

const NODES = 5;
const WATCH_EVERY_MS = 3000;
const UP_MS = 60_000;

/** Rejects when the cluster cannot be had, or when it is told to end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosVerdict> {
  const logs = mkdtempSync(join(tmpdir(), `birdman-chaos-${String(options.seed)}-`));
  const run = new ChaosRun(options, logs);
  let cluster: ChaosCluster | undefined;
  try {
    run.say(`seed ${String(options.seed)}, ${String(options.minutes)} min; logs in ${logs}`);
    cluster = await ChaosCluster.start({ nodes: NODES, logs, onOwnEnd: (end) => run.endedByItself(end) });
    await run.rage(cluster);
  } finally {
    await cluster?.keepEngineLogs();
    await cluster?.close();
  }
  run.violations.push(...leftMounted(cluster.sandbox.directory));
  if (run.violations.length === 0) rmSync(logs, { recursive: true });
  return { violations: run.violations, logs: run.violations.length === 0 ? undefined : logs };
}

class ChaosRun {
  readonly violations: string[] = [];
  readonly #options: ChaosOptions;
  readonly #logs: string;
  readonly #begin = performance.now();
  readonly #injuries = new Injuries();
  /** Of each part, the newest fault. */
  readonly #lastOf = new Map<string, Promise<void>>();

  constructor(options: ChaosOptions, logs: string) {
    this.#options = options;
    this.#logs = logs;
  }

  say(line: string): void {
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(1).padStart(6);
    const text = `${new Date().toISOString().slice(11, 23)} ${seconds} s  ${line}`;
    appendFileSync(join(this.#logs, "chaos.log"), `${text}\n`);
    this.#options.say(text);
  }

  endedByItself({ name, how, wasUp, lines }: OwnEnd): void {
    this.say(`${name} ended by itself (${how}) ${wasUp ? "while it served" : "before it served"}`);
    if (wasUp) this.violations.push(`${name} ended by itself (${how}):\n${lines}`);
  }

  async rage(cluster: ChaosCluster): Promise<void> {
    const { seed, minutes, signal } = this.#options;
    const random = new SeededRandom(seed);
    const durationMs = minutes * 60_000;
    const api = new ManagerApi(cluster.url, signal);
    const user = new User(api, cluster.nodes);
    const workload = planWorkload({ random, durationMs, nodes: NODES, journal: cluster.journal });
    const faults = planFaults({ random, durationMs, nodes: NODES, kinds: this.#options.faults });
    await until(
      "every node to be ready",
      async () => {
        const nodes = await api.nodes();
        return nodes.filter(({ status }) => status === "ready").length === NODES;
      },
      { timeoutMs: UP_MS, everyMs: 250 },
    );
    this.say(`${String(NODES)} nodes are ready; ${String(workload.length)} actions, ${String(faults.length)} faults`);

    await this.#perform(cluster, { api, user }, { workload, faults });
    this.say(`the faults are over; ${describeTasks(user)}`);

    await Promise.all(cluster.nodes.map(({ name }) => user.setAvailability(name, "active")));
    const { violations } = this;
    const injuries = this.#injuries;
    const say = (line: string): void => this.say(line);
    const aftermath = new Aftermath({ cluster, api, user, injuries, violations, say, signal });
    await aftermath.settle();
    await aftermath.stopAll();
    await aftermath.holdAgainstTruth();
    await aftermath.endProcesses();
    this.violations.push(...user.complaints);
  }

  /** All that was planned, each thing at its time, while what is shown is watched. Resolves when all of it is over. */
  async #perform(cluster: ChaosCluster, { api, user }: Clients, { workload, faults }: Plans): Promise<void> {
    const end = new AbortController();
    const actions: Promise<void>[] = [];
    const troubles: Promise<void>[] = [unhurried(this.#watch(api, user, end.signal))];
    try {
      await Promise.all([
        this.#inTime(workload, (action) => void actions.push(unhurried(user.act(action)))),
        this.#inTime(faults, (fault) => void troubles.push(unhurried(this.#inflict(cluster, fault)))),
      ]);
      await Promise.all(actions);
    } finally {
      end.abort();
      // Nothing is started again behind the back of whoever cleans up.
      await Promise.allSettled(troubles);
    }
    await Promise.all(troubles);
  }

  /** Resolves when the last was begun. */
  async #inTime<T>(plan: readonly Planned<T>[], act: (what: T) => void): Promise<void> {
    const begin = performance.now();
    for (const { atMs, what } of plan) {
      await delay(Math.max(0, begin + atMs - performance.now()), undefined, { signal: this.#options.signal });
      act(what);
    }
  }

  /** Taking a fault back may take longer than was planned: the next one of the same part waits for it. */
  async #inflict(cluster: ChaosCluster, fault: Fault): Promise<void> {
    const parts = partsOf(fault, cluster.nodes.length);
    const before = Promise.allSettled(parts.flatMap((part) => this.#lastOf.get(part) ?? []));
    const own = before.then(async () => this.#inflictNow(cluster, fault));
    for (const part of parts) this.#lastOf.set(part, own);
    await own;
  }

  async #inflictNow(cluster: ChaosCluster, fault: Fault): Promise<void> {
    const { signal } = this.#options;
    const place = { cluster, injuries: this.#injuries };
    const name = describeFault(fault, cluster.nodes);
    try {
      const more = await beginFault(fault, place);
      this.say(`${name}${more === undefined ? "" : `: ${more}`}`);
    } catch (error) {
      this.say(`${name}: could not be done: ${String(error)}`);
    }
    // Over when its time is over, or at once when the run ends.
    await delay(fault.durationMs, undefined, { signal }).catch(() => undefined);
    await endFault(fault, place);
    if (fault.durationMs > 0) this.say(`  over: ${name}`);
  }

  async #watch(api: ManagerApi, user: User, end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      user.look(await api.tasks());
      await delay(WATCH_EVERY_MS, undefined, { signal: end }).catch(() => undefined);
    }
  }
}

interface Clients {
  readonly api: ManagerApi;
  readonly user: User;
}

interface Plans {
  readonly workload: readonly Planned<UserAction>[];
  readonly faults: readonly Planned<Fault>[];
}

/** The same; its failure is looked at when all are done, and no complaint until then. */
function unhurried(action: Promise<void>): Promise<void> {
  action.catch(() => undefined);
  return action;
}
