/**
 * What must always hold of the containers on all machines together: never two of one attempt, never two of a task that
 * is to stop when it is cut off, and on no machine more than it has. What a stranger started is not the cluster's doing.
 */
import type { Resources, TaskSpec } from "../task/spec.ts";
import { attemptKey, type TaskId } from "../task/id.ts";
import type { Container, EndCause, Engine, EngineObserver, Program } from "./engine.ts";
import type { Landmarks } from "./landmarks.ts";
import type { ManagerChecks } from "./manager-checks.ts";
import type { Story } from "./story.ts";
import { Violation } from "./violation.ts";

export interface ContainerChecksParts {
  readonly manager: ManagerChecks;
  readonly landmarks: Landmarks;
  readonly story: Story | undefined;
  readonly programFor: (spec: TaskSpec) => Program;
  readonly capacityOf: (node: string) => Resources;
}

interface Living {
  readonly container: Container;
  readonly engine: Engine;
}

export class ContainerChecks implements EngineObserver {
  readonly #parts: ContainerChecksParts;
  readonly #living = new Map<TaskId, Set<Living>>();

  constructor(parts: ContainerChecksParts) {
    this.#parts = parts;
  }

  programFor(spec: TaskSpec): Program {
    return this.#parts.programFor(spec);
  }

  started(engine: Engine, container: Container): void {
    const { node } = engine.parts;
    const { ref, name } = container;
    this.#parts.story?.say(
      node,
      `container ${shortName(container)} runs${container.byStranger ? ", started by a stranger" : ""}`,
    );
    let living = this.#living.get(ref.task);
    if (living === undefined) {
      living = new Set();
      this.#living.set(ref.task, living);
    }
    if (!container.byStranger) {
      for (const other of living) this.#checkTwo({ container, engine }, other);
      checkRoom(engine, this.#parts.capacityOf(node), name);
    }
    living.add({ container, engine });
  }

  ended(engine: Engine, container: Container, cause: EndCause): void {
    this.#parts.story?.say(engine.parts.node, `container ${shortName(container)} has ended: ${cause}`);
    const living = this.#living.get(container.ref.task);
    for (const one of living ?? []) if (one.container === container) living?.delete(one);
  }

  exited(container: Container, exitCode: number): void {
    this.#parts.manager.containerEnded(attemptKey(container.ref.task, container.ref.attempt), exitCode);
  }

  removed(engine: Engine, container: Container): void {
    this.#parts.story?.say(engine.parts.node, `container ${shortName(container)} is removed`);
  }

  #checkTwo(one: Living, other: Living): void {
    if (other.container.byStranger) return;
    const [a, b] = [one.container, other.container];
    const both = `${a.name} on ${one.engine.parts.node} and ${b.name} on ${other.engine.parts.node}`;
    if (one.engine === other.engine && a.ref.attempt === b.ref.attempt) {
      throw new Violation("two runs of one attempt on one machine", both);
    }
    // A store that was put back hands out the same numbers, and promises, again.
    if (this.#parts.manager.wasRestored) return;
    if (a.ref.attempt === b.ref.attempt) throw new Violation("one attempt on two machines", both);
    // What an engine starts long after it was asked, or starts and never tells of, nobody can fence: `docs/reliability.md`.
    // And a worker's own task, adopted, runs under no lease before its worker has heard of that.
    const isBeyondReach = a.wasLate || b.wasLate || !b.isKnown || a.label.local || b.label.local;
    if (a.spec.reschedule.onDisconnect === "stop" && !isBeyondReach) {
      throw new Violation("two live runs of a task that stops on disconnect", both);
    }
  }
}

function checkRoom(engine: Engine, capacity: Resources, name: string): void {
  let cpu = 0;
  let memory = 0;
  for (const { state, byStranger, wasLate, spec } of engine.containers.values()) {
    // What an engine starts long after it was asked to, nobody counts on: it is stopped when it is found.
    if (state !== "running" || byStranger || wasLate) continue;
    cpu += spec.resources.cpu;
    memory += spec.resources.memory;
  }
  if (cpu <= capacity.cpu + 1e-6 && memory <= capacity.memory) return;
  const taken = `${cpu.toFixed(2)} cores of ${String(capacity.cpu)}, ${String(memory)} bytes of ${String(capacity.memory)}`;
  throw new Violation("machine runs more than it has", `${engine.parts.node}, with ${name}: ${taken}`);
}

/** As the story names it: the beginning of the task's id, attempt and restart. */
export function shortName({ ref }: Container): string {
  return `${ref.task.slice(0, 8)}/${String(ref.attempt)}.${String(ref.restart)}`;
}
