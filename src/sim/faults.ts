/**
 * What befalls a cluster, and how it is put right again. Each kind happens again and again at moments that know nothing
 * of each other, until `heal`: from then on nothing goes wrong any more.
 */
import type { Cluster } from "./cluster.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { KillPoint } from "./sim-host.ts";
import type { SimWorker } from "./sim-worker.ts";
import type { FaultKind, Plan } from "./swarm.ts";

export class Faults {
  readonly #cluster: Cluster;
  readonly #random: SeededRandom;
  #isHealed = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#random = cluster.random.fork();
  }

  begin({ faults }: Plan): void {
    for (const [kind, meanMs] of faults) this.#again(kind, meanMs);
  }

  /** Everything works from now on, and what is down comes up. */
  heal(): void {
    const { network, workers, manager, story } = this.#cluster;
    story?.say("world", "faults end");
    this.#isHealed = true;
    network.heal(workers.map(({ name }) => name));
    Object.assign(network.faults, { dropRate: 0, duplicateRate: 0, slowness: 1 });
    manager.parts.disk.isFull = false;
    manager.parts.disk.slowness = 1;
    for (const { parts } of workers) {
      parts.disk.isFull = false;
      parts.disk.slowness = 1;
      Object.assign(parts.engine.faults, WELL);
    }
  }

  #again(kind: FaultKind, meanMs: number): void {
    const { time } = this.#cluster;
    time.after(this.#random.exponential(meanMs), () => {
      if (this.#isHealed) return;
      this.#happen(kind);
      this.#again(kind, meanMs);
    });
  }

  #happen(kind: FaultKind): void {
    const { workers, manager, network, landmarks, story } = this.#cluster;
    const random = this.#random;
    const worker = random.pick(workers);
    if (worker === undefined) return;
    const { engine, disk } = worker.parts;
    switch (kind) {
      case "managerKill":
        return this.#killManager();
      case "workerKill":
        return this.#killWorker(worker);
      case "workerUpgrade":
        return worker.leave();
      case "machineReboot":
        return this.#cluster.reboot(worker);
      case "engineCrash":
        return this.#crashEngine(worker);
      case "engineHang":
        story?.say(worker.name, "its engine hangs");
        landmarks.saw("engineHung");
        engine.hang(random.magnitude(500, 120_000));
        return;
      case "engineErrors":
        engine.faults.errorRate = random.magnitude(0.01, 0.5);
        return this.#later(random.magnitude(1000, 60_000), () => (engine.faults.errorRate = 0));
      case "startFailures":
        engine.faults.startFailureRate = random.magnitude(0.01, 0.7);
        return this.#later(random.magnitude(1000, 60_000), () => (engine.faults.startFailureRate = 0));
      case "lostAnswers":
        landmarks.saw("answerLost");
        engine.faults.lostAnswerRate = random.magnitude(0.01, 0.5);
        return this.#later(random.magnitude(1000, 60_000), () => (engine.faults.lostAnswerRate = 0));
      case "slowPulls":
        engine.faults.pullRate = random.between(0.1, 1);
        return this.#later(random.magnitude(1000, 120_000), () => (engine.faults.pullRate = 0));
      case "partition":
        return this.#partition();
      case "cut":
        return this.#cut();
      case "holdMessages":
        return this.#holdMessages();
      case "brokenProxy":
        story?.say("network", "a proxy drops and doubles messages");
        network.faults.dropRate = random.magnitude(0.005, 0.3);
        network.faults.duplicateRate = random.magnitude(0.001, 0.1);
        return this.#later(random.magnitude(1000, 60_000), () => {
          network.faults.dropRate = 0;
          network.faults.duplicateRate = 0;
        });
      case "slowNetwork":
        network.faults.slowness = random.magnitude(10, 1000);
        return this.#later(random.magnitude(1000, 60_000), () => (network.faults.slowness = 1));
      case "managerDiskFull":
        manager.parts.disk.isFull = true;
        return this.#later(random.magnitude(200, 60_000), () => (manager.parts.disk.isFull = false));
      case "workerDiskFull":
        disk.isFull = true;
        return this.#later(random.magnitude(200, 60_000), () => (disk.isFull = false));
      case "slowDisk": {
        const slow = random.chance(0.5) ? manager.parts.disk : disk;
        slow.slowness = random.magnitude(10, 1000);
        return this.#later(random.magnitude(1000, 60_000), () => (slow.slowness = 1));
      }
      case "managerHeldUp":
        story?.say("manager", "is held up");
        manager.hold(random.magnitude(100, 30_000));
        return;
      case "workerHeldUp":
        story?.say(worker.name, "is held up");
        worker.hold(random.magnitude(100, 60_000));
        return;
      case "wallClockSteps": {
        const { clock } = random.chance(0.3) ? manager.parts : worker.parts;
        clock.stepWall(random.oneOf(-1, 1) * random.magnitude(100, 3_600_000));
        return;
      }
      case "strangerEnds":
        return this.#strangerEnds(worker);
      case "strangerStarts":
        return this.#strangerStarts(worker);
      case "storeRestored":
        return this.#restoreStore();
    }
  }

  /** Undone after a while, whether or not everything was healed before. */
  #later(afterMs: number, undo: () => unknown): void {
    this.#cluster.time.after(afterMs, () => void undo());
  }

  #killManager(): void {
    const { manager } = this.#cluster;
    if (this.#random.chance(0.3)) {
      manager.kill();
      this.#cluster.startManagerSoon();
    } else manager.killAt(this.#killPoint());
  }

  #killWorker(worker: SimWorker): void {
    if (this.#random.chance(0.3)) this.#cluster.killWorker(worker);
    else worker.killAt(this.#killPoint());
  }

  #killPoint(): KillPoint {
    const random = this.#random;
    if (random.chance(0.5)) return { kind: "commit", durable: random.chance(0.5) };
    return { kind: "effects", after: random.below(4) };
  }

  #crashEngine(worker: SimWorker): void {
    const { engine } = worker.parts;
    if (!engine.isUp) return;
    const containersDie = this.#random.chance(0.4);
    this.#cluster.story?.say(worker.name, `its engine crashes${containersDie ? " with its containers" : ""}`);
    this.#cluster.landmarks.saw("engineCrashed");
    engine.crash(containersDie);
    this.#later(this.#random.magnitude(200, 60_000), () => {
      if (!engine.isUp && !this.#cluster.isOff(worker)) engine.recover();
    });
  }

  #partition(): void {
    const { network, workers, story } = this.#cluster;
    const random = this.#random;
    const share = random.oneOf(0, 0.5, 1);
    const names = workers.map(({ name }) => name);
    const cutOff = share === 0 ? [random.pick(names) ?? ""] : names.filter(() => random.chance(share));
    story?.say("network", `cuts off ${cutOff.join(", ")}`);
    network.partition(cutOff);
    this.#later(random.magnitude(500, 120_000), () => {
      story?.say("network", `lets ${cutOff.join(", ")} through again`);
      network.heal(cutOff);
    });
  }

  #cut(): void {
    const random = this.#random;
    const connection = random.pick(this.#cluster.network.connections);
    this.#cluster.story?.say("network", `cuts a connection of ${connection?.node ?? "nobody"}`);
    const notice = (): number | undefined => (random.chance(0.7) ? random.magnitude(1, 20_000) : undefined);
    connection?.cut({ workerMs: notice(), managerMs: notice() });
  }

  /** The two directions know nothing of each other: one may be held for a minute, and the other not at all. */
  #holdMessages(): void {
    const random = this.#random;
    const connection = random.pick(this.#cluster.network.connections);
    const holdMs = (): number => (random.chance(0.3) ? 0 : random.magnitude(1000, 60_000));
    const held = { toManagerMs: holdMs(), toWorkerMs: holdMs() };
    this.#cluster.story?.say("network", `holds the messages of a connection of ${connection?.node ?? "nobody"}`);
    connection?.hold(held);
  }

  #strangerEnds(worker: SimWorker): void {
    const { engine } = worker.parts;
    const container = this.#random.pick([...engine.containers.values()]);
    if (container === undefined || !engine.isUp) return;
    if (this.#random.chance(0.5)) {
      this.#cluster.landmarks.saw("containerRemovedByStranger");
      engine.take(container, "stranger");
    } else engine.end(container, { exitCode: 137, cause: "stranger" });
  }

  #strangerStarts(worker: SimWorker): void {
    const { engine } = worker.parts;
    const container = this.#random.pick([...engine.containers.values()].filter(({ state }) => state === "exited"));
    if (container === undefined || !engine.isUp) return;
    this.#cluster.landmarks.saw("containerStartedByStranger");
    engine.run(container, true);
  }

  /** A backup is taken now, and some time later the manager comes up with it. */
  #restoreStore(): void {
    const { manager, checks, landmarks, story } = this.#cluster;
    if (checks.wasRestored || manager.settledCore === undefined) return;
    const backup = manager.parts.disk.backup();
    const restore = checks.backup();
    // The more often it was started since, the higher the epoch that workers have seen and the backup does not know.
    for (let starts = this.#random.below(3); starts > 0; starts -= 1) {
      this.#later(this.#random.magnitude(500, 60_000), () => this.#killManager());
    }
    this.#later(this.#random.magnitude(1000, 120_000), () => {
      if (this.#isHealed || checks.wasRestored) return;
      story?.say("manager", "its store is put back to a backup");
      landmarks.saw("storeRestored");
      manager.kill();
      manager.parts.disk.restore(backup);
      restore();
      this.#cluster.startManagerSoon();
    });
  }
}

const WELL = { startFailureRate: 0, errorRate: 0, lostAnswerRate: 0, pullRate: 0, slowness: 1 };
