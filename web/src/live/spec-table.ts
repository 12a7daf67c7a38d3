/** What tasks that were submitted alike have in common, for as long as one of them is there. */
import type { LiveSpec } from "../../../src/api/live-json.ts";
import type { LiveTask } from "./values.ts";

export type SharedSpec = Pick<LiveTask, "runs" | "runtime" | "labels" | "demand">;

const UNKNOWN: SharedSpec = { runs: "", runtime: "", labels: {}, demand: { cpu: 0, memory: 0, disk: 0 } };

export class SpecTable {
  readonly #specs = new Map<number, { readonly spec: SharedSpec; tasks: number }>();

  get(n: number): SharedSpec {
    return this.#specs.get(n)?.spec ?? UNKNOWN;
  }

  /** Specs never change: what is known already is the same. */
  learn({ n, runs, runtime, labels, cpu, memory, disk }: LiveSpec): void {
    if (this.#specs.has(n)) return;
    this.#specs.set(n, { spec: { runs, runtime, labels, demand: { cpu, memory, disk } }, tasks: 0 });
  }

  /** A task has it. */
  hold(n: number): void {
    const known = this.#specs.get(n);
    if (known !== undefined) known.tasks += 1;
  }

  /** A task has it no more. */
  release(n: number): void {
    const known = this.#specs.get(n);
    if (known === undefined) return;
    known.tasks -= 1;
    if (known.tasks <= 0) this.#specs.delete(n);
  }
}
