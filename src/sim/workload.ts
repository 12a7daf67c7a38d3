/**
 * What users do: submit tasks of all kinds, on the manager and on workers directly, stop and restart them, repeat what
 * was not answered, and pause, drain, activate and remove nodes.
 */
import type { Availability } from "../node/node.ts";
import type { TaskDocument } from "../task/document.ts";
import type { TaskId } from "../task/id.ts";
import type { TaskSpec } from "../task/spec.ts";
import type { Program } from "./engine.ts";
import type { Landmarks } from "./landmarks.ts";
import type { ManagerChecks } from "./manager-checks.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimManager } from "./sim-manager.ts";
import type { SimWorker } from "./sim-worker.ts";
import type { Story } from "./story.ts";
import type { VirtualTime } from "./virtual-time.ts";

const MIB = 2 ** 20;

export interface WorkloadParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly manager: SimManager;
  readonly workers: readonly SimWorker[];
  readonly checks: ManagerChecks;
  readonly landmarks: Landmarks;
  readonly story: Story | undefined;
  /** Tasks whose stop or move somebody has asked for. */
  readonly touched: Set<TaskId>;
  /** Nodes that somebody has asked to be drained. */
  readonly drained: Set<string>;
  /** Means between two happenings of a kind, milliseconds; infinity for never. */
  readonly pace: Pace;
  /** How many times as long as in the busiest cluster a task runs and a probe waits. */
  readonly leisure: number;
}

export interface Pace {
  readonly submitMs: number;
  readonly submitLocallyMs: number;
  readonly stopMs: number;
  readonly restartMs: number;
  readonly availabilityMs: number;
  readonly removeNodeMs: number;
  /** No more tasks are submitted while so many are live. */
  readonly mostLive: number;
}

/** How many times a user repeats a submission that was not answered. */
const MOST_REPEATS = 20;

export class Workload {
  readonly #parts: WorkloadParts;
  /** Everything that runs from now on behaves: it neither crashes nor ends by itself, unless it was made to end well. */
  isCalm = false;
  readonly #known: TaskId[] = [];

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { pace } = this.#parts;
    this.#repeatedly(pace.submitMs, () => this.#submit());
    this.#repeatedly(pace.submitLocallyMs, () => this.#submitLocally());
    this.#repeatedly(pace.stopMs, () => this.#stop());
    this.#repeatedly(pace.restartMs, () => this.#restart());
    this.#repeatedly(pace.availabilityMs, () => this.#setAvailability());
    this.#repeatedly(pace.removeNodeMs, () => this.#removeNode());
  }

  /** What a container of this spec does once it is started. */
  programFor(spec: TaskSpec): Program {
    const { random, leisure } = this.#parts;
    const kind = spec.document.labels?.["kind"];
    const crashes = !this.isCalm && (kind === "crashing" || random.chance(0.02));
    const isRestless = this.isCalm && spec.restart.policy === "always";
    const ends = (kind === "short" && !isRestless) || crashes;
    return {
      endsAfterMs: ends ? leisure * random.magnitude(5, kind === "short" ? 20_000 : 60_000) : undefined,
      exitCode: crashes ? random.oneOf(1, 2, 137, 139) : 0,
      oomKilled: crashes && random.chance(0.2),
      stopsAfterMs: random.chance(0.8) ? random.magnitude(1, 2000) : 60_000,
      healthyAfterMs: this.isCalm || random.chance(0.85) ? random.magnitude(1, 3000) : undefined,
    };
  }

  #repeatedly(meanMs: number, act: () => void): void {
    if (!Number.isFinite(meanMs)) return;
    const { time, random } = this.#parts;
    const again = (): void => {
      time.after(random.exponential(meanMs), () => {
        if (this.isCalm) return;
        act();
        again();
      });
    };
    again();
  }

  #submit(): void {
    const { random, manager, pace } = this.#parts;
    const live = manager.settledCore?.state.tasks.size ?? 0;
    if (live >= pace.mostLive) return;
    const documents = Array.from({ length: random.chance(0.8) ? 1 : 1 + random.below(4) }, () => this.#document());
    const tasks = documents.map((document) => ({ id: document.id, name: document.name, document }));
    const key = random.uuid();
    this.#send(tasks, { key, digest: key }, 0);
  }

  /** Repeated with the same key until it is answered: then it counts as accepted. */
  #send(
    tasks: readonly { id: TaskId; name: string; document: TaskDocument }[],
    idempotency: { key: string; digest: string },
    repeats: number,
  ): void {
    const { manager, checks, landmarks, time, random } = this.#parts;
    const endedIds = manager.endedAmong(tasks.map(({ id }) => id));
    manager.ask({ kind: "tasksSubmitted", tasks, endedIds, idempotency }, (reply) => {
      if (reply?.kind === "accepted") {
        if (repeats > 0) landmarks.saw("submissionRepeated");
        for (const id of reply.ids) {
          checks.taskAccepted(id);
          this.#known.push(id);
        }
      } else if (reply === undefined && repeats < MOST_REPEATS) {
        time.after(random.magnitude(100, 5000), () => this.#send(tasks, idempotency, repeats + 1));
      }
    });
  }

  #submitLocally(): void {
    const { random, workers } = this.#parts;
    const document = this.#document();
    const { id, name } = document;
    random.pick(workers)?.ask({ kind: "tasksSubmitted", tasks: [{ id, name, document }] }, (reply) => {
      if (reply?.kind === "accepted") this.#known.push(id);
    });
  }

  #stop(): void {
    const { random, manager, workers, checks, touched, landmarks } = this.#parts;
    const id = random.pick(this.#known);
    if (id === undefined) return;
    touched.add(id);
    if (random.chance(0.15)) {
      random.pick(workers)?.ask({ kind: "stopRequested", task: id }, () => undefined);
      return;
    }
    const state = manager.settledCore?.state;
    const task = state?.tasks.get(id);
    const node = task === undefined ? undefined : state?.nodeOf(task);
    manager.ask({ kind: "stopRequested", task: id, cause: "requested" }, (reply) => {
      if (reply?.kind !== "done") return;
      checks.stopAccepted(id);
      if (node !== undefined && node.status !== "ready") landmarks.saw("stopWhileAway");
    });
  }

  #restart(): void {
    const { random, manager, touched } = this.#parts;
    const id = random.pick(this.#known);
    if (id === undefined) return;
    touched.add(id);
    manager.ask({ kind: "restartRequested", task: id, idempotency: undefined }, () => undefined);
  }

  #setAvailability(): void {
    const { random, manager, workers, drained, story } = this.#parts;
    const node = random.pick(workers)?.name;
    if (node === undefined) return;
    const availability: Availability = random.oneOf("active", "active", "active", "pause", "drain");
    if (availability === "drain") drained.add(node);
    story?.say("user", `sets ${node} to ${availability}`);
    const parallel = availability === "drain" && random.chance(0.3) ? 1 + random.below(4) : undefined;
    manager.ask({ kind: "availabilityRequested", node, availability, parallel }, () => undefined);
  }

  #removeNode(): void {
    const { manager, landmarks, story, random } = this.#parts;
    const nodes = [...(manager.settledCore?.state.nodes.values() ?? [])].filter(({ status }) => status !== "ready");
    const node = random.pick(nodes)?.name;
    if (node === undefined) return;
    story?.say("user", `removes ${node}`);
    manager.ask({ kind: "nodeRemovalRequested", node }, (reply) => {
      if (reply?.kind === "done") landmarks.saw("nodeRemoved");
    });
  }

  #document(): TaskDocument & { id: TaskId; name: string } {
    const { random, leisure } = this.#parts;
    const id = random.uuid() as TaskId;
    const kind = random.oneOf("endless", "endless", "short", "short", "crashing");
    const policy = random.oneOf("on-failure", "on-failure", "always", "never");
    return {
      id,
      name: `task-${String(random.below(20))}`,
      runtime: "docker",
      image: "simulated",
      cpu: random.oneOf(0.1, 0.25, 0.5, 1, 2),
      memory: random.oneOf(64, 128, 512, 1024) * MIB,
      labels: { kind },
      restart: {
        policy,
        attempts: random.below(4),
        window: "10m",
        delay: random.oneOf(100, 500, 1000),
        delayMax: random.oneOf(2000, 10_000),
      },
      reschedule: {
        attempts: random.below(6),
        delay: random.oneOf(0, 500, 5000),
        onDisconnect: random.oneOf("replace", "replace", "stop"),
      },
      stopTimeout: random.oneOf(100, 1000, 10_000),
      startTimeout: random.oneOf(10_000, 60_000, 300_000),
      ...(random.chance(0.3) ? { ports: [this.#port()] } : {}),
      ...(random.chance(0.2)
        ? {
            health: {
              tcp: { port: 80 },
              interval: leisure === 1 ? random.oneOf(500, 5000) : 30_000,
              timeout: 500,
              retries: 2,
              startPeriod: 4000,
            },
          }
        : {}),
    };
  }

  #port(): NonNullable<TaskDocument["ports"]>[number] {
    const { random } = this.#parts;
    if (random.chance(0.6)) return { container: 80 };
    return { container: 80, host: 8000 + random.below(6), wish: random.chance(0.5) };
  }
}
