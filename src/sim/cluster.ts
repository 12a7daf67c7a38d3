/** A whole cluster: a manager, workers on machines of their own, the network between them, and the users. */
import { DEFAULT_SETTINGS } from "../manager/core/state.ts";
import { SCHEDULERS } from "../scheduler/schedulers.ts";
import { epvm } from "../scheduler/epvm.ts";
import type { TaskId } from "../task/id.ts";
import { ContainerChecks } from "./container-checks.ts";
import { Disk } from "./disk.ts";
import { Engine } from "./engine.ts";
import { Landmarks } from "./landmarks.ts";
import { MachineClock, MOST_DRIFT } from "./machine-clock.ts";
import { ManagerChecks } from "./manager-checks.ts";
import { Network } from "./network.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimManager } from "./sim-manager.ts";
import { SimWorker } from "./sim-worker.ts";
import { Story, type Line } from "./story.ts";
import type { Plan } from "./swarm.ts";
import { VirtualTime } from "./virtual-time.ts";
import { WorkerChecks } from "./worker-checks.ts";
import { Workload } from "./workload.ts";

const GIB = 2 ** 30;
/** So few that lists of three and four tasks count as long. */
const SLICE_TASKS = 2;

export interface ClusterOptions {
  readonly random: SeededRandom;
  readonly plan: Plan;
  readonly tell: ((line: Line) => void) | undefined;
}

export class Cluster {
  readonly time = new VirtualTime();
  readonly landmarks = new Landmarks();
  readonly random: SeededRandom;
  readonly story: Story | undefined;
  readonly network: Network;
  readonly manager: SimManager;
  readonly workers: readonly SimWorker[];
  readonly checks: ManagerChecks;
  readonly workload: Workload;
  /** Machines that have no power now. */
  readonly #off = new Set<SimWorker>();

  constructor({ random, plan, tell }: ClusterOptions) {
    this.random = random;
    this.story = tell === undefined ? undefined : new Story(this.time, tell);
    this.network = new Network(this.time, random.fork());
    const touched = new Set<TaskId>();
    const drained = new Set<string>();
    const { landmarks, story, time } = this;
    this.checks = new ManagerChecks(landmarks, {
      mayStop: (task, node) => touched.has(task) || (node !== undefined && drained.has(node)),
    });
    this.manager = new SimManager({
      time,
      random: random.fork(),
      clock: this.#newClock(),
      disk: new Disk(),
      settings: { ...DEFAULT_SETTINGS, sliceTasks: SLICE_TASKS },
      algorithm: SCHEDULERS.get(plan.algorithm) ?? epvm,
      checks: this.checks,
      landmarks,
      story,
    });
    const capacity = { cpu: 4, memory: 8 * GIB, disk: 100 * GIB };
    const containerChecks = new ContainerChecks({
      manager: this.checks,
      landmarks,
      story,
      programFor: (spec) => this.workload.programFor(spec),
      capacityOf: () => capacity,
    });
    const checks = new WorkerChecks(landmarks);
    this.workers = Array.from({ length: plan.workers }, (_, index) => {
      const name = `worker${String(index + 1)}`;
      const clock = this.#newClock();
      return new SimWorker({
        facts: {
          nodeId: random.uuid(),
          name,
          address: `10.0.0.${String(index + 1)}`,
          labels: {},
          runtimes: ["docker"],
          version: "0.1.0",
          capacity,
        },
        time,
        random: random.fork(),
        clock,
        disk: new Disk(),
        engine: new Engine({ node: name, time, clock, random: random.fork(), observer: containerChecks }),
        network: this.network,
        listener: this.manager,
        checks,
        landmarks,
        story,
      });
    });
    this.workload = new Workload({
      time,
      random: random.fork(),
      manager: this.manager,
      workers: this.workers,
      checks: this.checks,
      landmarks,
      story,
      touched,
      drained,
      pace: plan.pace,
      leisure: plan.leisure,
    });
    this.manager.onKilled = () => this.startManagerSoon();
    for (const worker of this.workers) worker.onExit = () => this.#startWorkerIn(worker, random.magnitude(200, 20_000));
  }

  start(): void {
    this.manager.start();
    for (const worker of this.workers) worker.start();
    this.workload.begin();
  }

  /** As whoever watches over the process starts it again. */
  startManagerSoon(): void {
    this.time.after(this.random.magnitude(200, 60_000), () => this.manager.start());
  }

  killWorker(worker: SimWorker): void {
    worker.kill("killed");
    this.#startWorkerIn(worker, this.random.magnitude(200, 60_000));
  }

  /** Everything on the machine ends, and begins again after a while. */
  reboot(worker: SimWorker): void {
    if (this.#off.has(worker)) return;
    const { engine } = worker.parts;
    this.#off.add(worker);
    this.landmarks.saw("machineRebooted");
    this.story?.say(worker.name, "its machine reboots");
    worker.kill("off");
    engine.crash(true);
    this.time.after(this.random.magnitude(3000, 120_000), () => {
      worker.booted();
      engine.recover();
      this.#off.delete(worker);
      if (!this.manager.isUp) this.landmarks.saw("machineRebootedWithoutManager");
      this.#startWorkerIn(worker, this.random.between(100, 3000));
    });
  }

  isOff(worker: SimWorker): boolean {
    return this.#off.has(worker);
  }

  #startWorkerIn(worker: SimWorker, delayMs: number): void {
    this.time.after(delayMs, () => {
      if (!this.#off.has(worker)) worker.start();
    });
  }

  #newClock(): MachineClock {
    const { random } = this;
    return new MachineClock(this.time, {
      rate: 1 + random.between(-MOST_DRIFT, MOST_DRIFT),
      wallOffsetMs: random.oneOf(0, 0, random.between(-60_000, 60_000)),
    });
  }
}
