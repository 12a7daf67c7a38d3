/** Which nodes are held for which tasks, by the spec that they share, and which specs have to wait for the next hold. */
import type { TaskSpec } from "../../task/spec.ts";

export class Holds {
  readonly #nodes = new Map<TaskSpec, string>();
  /** Until when there is no other hold for them, milliseconds on `mono`. */
  readonly #notBeforeMono = new WeakMap<TaskSpec, number>();

  get size(): number {
    return this.#nodes.size;
  }

  /** Pairs of a spec and the id of the node that is held for it. */
  get all(): readonly (readonly [TaskSpec, string])[] {
    return [...this.#nodes];
  }

  nodeFor(spec: TaskSpec): string | undefined {
    return this.#nodes.get(spec);
  }

  mayBegin(spec: TaskSpec, nowMono: number): boolean {
    return !this.#nodes.has(spec) && nowMono >= (this.#notBeforeMono.get(spec) ?? Number.NEGATIVE_INFINITY);
  }

  begin(spec: TaskSpec, nodeId: string): void {
    this.#nodes.set(spec, nodeId);
  }

  end(spec: TaskSpec): void {
    this.#nodes.delete(spec);
  }

  postpone(spec: TaskSpec, untilMono: number): void {
    this.#notBeforeMono.set(spec, untilMono);
  }
}
