/**
 * When the faults are over: the cluster has to come to rest as it was promised, what the manager tells has to be true, and
 * when all is stopped nothing may be left. Each step adds what it finds to the violations, and the next one follows.
 */
import { setTimeout as delay } from "node:timers/promises";
import { account } from "./account.ts";
import type { ChaosCluster } from "./chaos-cluster.ts";
import type { Injuries } from "./injuries.ts";
import { leftInData, leftInEngine, leftRunning } from "./leftovers.ts";
import type { ManagerApi } from "./manager-api.ts";
import { type Discrepancy, discrepancies, look, type Reality } from "./reality.ts";
import { contradictions } from "./truth.ts";
import { type Accepted, describeTasks, type User } from "./user.ts";

export interface AftermathParts {
  readonly cluster: ChaosCluster;
  readonly api: ManagerApi;
  readonly user: User;
  readonly injuries: Injuries;
  readonly violations: string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const WAIT_MS = { settled: 150_000, stopped: 60_000, end: 20_000, gone: 20_000 };
/** All is well when it was so often in a row, a second apart. */
const CALM_LOOKS = 3;
const PAGE_PATIENCE_MS = 5000;

export class Aftermath {
  readonly #parts: AftermathParts;

  constructor(parts: AftermathParts) {
    this.#parts = parts;
  }

  /** What should run runs exactly once, what should have ended has ended, and every page is its own task's. */
  async settle(): Promise<void> {
    const { cluster, api, user, violations, say } = this.#parts;
    const begin = performance.now();
    const seen: { reality: Reality | undefined; wrong: readonly Discrepancy[] } = { reality: undefined, wrong: [] };
    const isSettled = await this.#untilClear("the cluster to settle", WAIT_MS.settled, async () => {
      seen.reality = await look(api, cluster.nodes);
      seen.wrong = discrepancies(seen.reality, user, cluster.nodes);
      return seen.wrong.map(({ what }) => what);
    });
    const { reality, wrong } = seen;
    if (isSettled) {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      say(`all is as it should be ${seconds} s after the last fault`);
    } else {
      for (const { task, what } of wrong) violations.push(await this.#account(what, task, reality));
    }
    if (reality !== undefined) await this.#readPages(reality);
  }

  /** Every task ends, and leaves nothing on its engine. */
  async stopAll(): Promise<void> {
    const { cluster, api, user, violations, say } = this.#parts;
    user.look(await api.tasks());
    const left = [...user.accepted.values()].filter((task) => !isOver(task));
    say(`stopping the ${String(left.length)} tasks that are left`);
    await Promise.all(left.map(async (task) => user.stop(task)));
    const trace: { left: readonly string[] } = { left: [] };
    const isClean = await this.#untilClear("every task to stop without a trace", WAIT_MS.stopped, async () => {
      user.look(await api.tasks());
      const running = [...user.accepted.values()].filter((task) => !isOver(task));
      const engines = await Promise.all(cluster.nodes.map(leftInEngine));
      trace.left = [...running.map(({ planned }) => `${planned.name} does not end`), ...engines.flat()];
      return trace.left;
    });
    if (!isClean) violations.push(...trace.left);
    const { reserved } = await api.stats();
    const sum = reserved.cpu + reserved.memory + reserved.disk;
    if (sum !== 0) violations.push(`nothing runs, and yet reserved are ${JSON.stringify(reserved)}`);
  }

  /** What the manager tells of every task agrees with what the task's runs wrote. */
  async holdAgainstTruth(): Promise<void> {
    const { cluster, api, user, injuries, violations, say } = this.#parts;
    const reality = { tasks: await api.tasks(), nodes: [], containers: [] };
    let attempts = 0;
    let runs = 0;
    for (const task of reality.tasks) {
      const accepted = user.accepted.get(task.id);
      if (accepted === undefined) continue;
      const journal = cluster.journal.read(task.name);
      attempts += task.attempt;
      runs += journal.runs.length;
      const testimony = { task, history: await api.events(task.id), journal, injuries };
      for (const what of contradictions(accepted, testimony)) {
        violations.push(await this.#account(what, task.id, reality));
      }
    }
    say(`${describeTasks(user)}; ${String(attempts)} attempts, ${String(runs)} runs`);
  }

  /** The processes end when they are told to, and with them all that they started. */
  async endProcesses(): Promise<void> {
    const { cluster, violations } = this.#parts;
    for (const subject of [...cluster.nodes.map(({ worker }) => worker), cluster.manager]) {
      const code = await subject.end(WAIT_MS.end);
      if (code !== 0) violations.push(`${subject.name} did not end in good order: exit code ${String(code)}`);
    }
    const isGone = await this.#untilClear("every process to be gone", WAIT_MS.gone, () => leftRunning(cluster));
    if (!isGone) violations.push(...leftRunning(cluster));
    violations.push(...leftInData(cluster));
  }

  async #readPages({ tasks }: Reality): Promise<void> {
    const { user, violations } = this.#parts;
    for (const { id, name, ports, state } of tasks) {
      const page = user.accepted.get(id)?.planned.page;
      if (page === undefined || state !== "running") continue;
      const [port] = ports;
      const url = `http://${port?.address ?? ""}:${String(port?.host)}/`;
      const text = await fetch(url, { signal: AbortSignal.timeout(PAGE_PATIENCE_MS) }).then(
        async (response) => response.text(),
        (error: unknown) => String(error instanceof Error ? (error.cause ?? error) : error),
      );
      if (text.trim() !== page) violations.push(`${name} (${id}) should answer at ${url}, where there is: ${text}`);
    }
  }

  async #account(what: string, task: string | undefined, reality: Reality | undefined): Promise<string> {
    const { api, user, cluster } = this.#parts;
    return account(what, { task, reality, api, user, journal: cluster.journal });
  }

  /** Looks until nothing is in the way any more; false when that takes too long, having said what it was. */
  async #untilClear(what: string, withinMs: number, inTheWay: InTheWay): Promise<boolean> {
    const { signal, say } = this.#parts;
    const deadline = performance.now() + withinMs;
    for (let calm = 0; calm < CALM_LOOKS;) {
      if (calm > 0) await delay(1000, undefined, { signal });
      const obstacles = await inTheWay();
      calm = obstacles.length === 0 ? calm + 1 : 0;
      if (calm > 0) continue;
      if (performance.now() > deadline) {
        say(`waited in vain for ${what}: ${obstacles.join("; ")}`);
        return false;
      }
      await delay(1000, undefined, { signal });
    }
    return true;
  }
}

/** What is not yet as it should be, in sentences. */
type InTheWay = () => Promise<readonly string[]> | readonly string[];

function isOver({ seen }: Accepted): boolean {
  return seen?.state === "completed" || seen?.state === "failed";
}
