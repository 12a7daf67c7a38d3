/** A node as a scheduler sees it, on a workbench: everything can be set, and tasks placed and ended by hand. */
import { Ledger } from "../../src/node/ledger.ts";
import type { Availability, NodeStatus } from "../../src/node/node.ts";
import type { NodeView, PlacementRequest } from "../../src/scheduler/scheduler.ts";
import type { RuntimeKind, SpecDocument } from "../../src/task/document.ts";
import type { AttemptKey } from "../../src/task/id.ts";
import { resolveSpec, type Resources } from "../../src/task/spec.ts";

export const GIB = 2 ** 30;
export const MIB = 2 ** 20;

export class TestNode implements NodeView {
  readonly id: string;
  readonly name: string;
  readonly joined: number;
  readonly ledger: Ledger;
  readonly placed = new Map<string, PlacementRequest>();
  status: NodeStatus = "ready";
  availability: Availability = "active";
  isDamped = false;
  labels: Readonly<Record<string, string>> = {};
  runtimes: readonly RuntimeKind[] = ["docker"];
  sick: Readonly<Partial<Record<RuntimeKind, string>>> = {};
  used: Resources | undefined;

  /** `worker3` joined third. */
  constructor(joined: number, capacity: Partial<Resources> = {}) {
    this.id = `id-of-worker${String(joined)}`;
    this.name = `worker${String(joined)}`;
    this.joined = joined;
    this.ledger = new Ledger({ cpu: 4, memory: 8 * GIB, disk: 100 * GIB, ...capacity });
  }

  get taskNames(): ReadonlyMap<string, number> {
    return tally([...this.placed.values()].map(({ name }) => name));
  }

  get taskLabels(): ReadonlyMap<string, number> {
    const labels = [...this.placed.values()].map(({ spec }) => Object.entries(spec.document.labels ?? {}));
    return tally(labels.flat().map(([key, value]) => `${key}=${value}`));
  }

  place(id: string, task: PlacementRequest): this {
    this.placed.set(id, task);
    this.ledger.reserve(id as AttemptKey, task.spec);
    return this;
  }

  end(id: string): this {
    this.placed.delete(id);
    this.ledger.release(id as AttemptKey);
    return this;
  }
}

export function request(document: SpecDocument = {}, rest: Partial<PlacementRequest> = {}): PlacementRequest {
  return { name: "echo", spec: resolveSpec({ image: "birdman/echo:latest", ...document }), ...rest };
}

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
