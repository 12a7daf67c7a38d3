import type { Availability, NodeStatus } from "../../node/node.ts";
import type { Ledger } from "../../node/ledger.ts";
import type { NodeView } from "../../scheduler/scheduler.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { AttemptKey } from "../../task/id.ts";
import type { Resources, TaskSpec } from "../../task/spec.ts";
import { bump } from "../core/managed-node.ts";

interface NamedSpec {
  readonly name: string;
  readonly spec: TaskSpec;
}

/**
 * What tasks without a name go by. Each would get a name of its own, so none has namesakes; nobody can give this one,
 * since no name begins with a blank.
 */
export const UNNAMED = " ";

/** A copy of a node, to try things out on: whatever happens to it, the node knows nothing of it. */
export class PlannedNode implements NodeView {
  readonly id: string;
  readonly name: string;
  readonly joined: number;
  status: NodeStatus;
  availability: Availability;
  isDamped: boolean;
  readonly heldFor: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  readonly sick: NonNullable<NodeView["sick"]>;
  readonly ledger: Ledger;
  readonly used: Resources | undefined;
  readonly taskNames: Map<string, number>;
  readonly taskLabels: Map<string, number>;

  constructor(node: NodeView) {
    this.id = node.id;
    this.name = node.name;
    this.joined = node.joined;
    this.status = node.status;
    this.availability = node.availability;
    this.isDamped = node.isDamped;
    this.heldFor = node.heldFor;
    this.labels = node.labels;
    this.runtimes = node.runtimes;
    this.sick = node.sick ?? {};
    this.ledger = node.ledger.copy();
    this.used = node.used;
    this.taskNames = new Map(node.taskNames);
    this.taskLabels = new Map(node.taskLabels);
  }

  add(key: AttemptKey, { name, spec }: NamedSpec): void {
    this.ledger.reserve(key, { resources: spec.resources, ports: spec.ports });
    this.#count(name, spec, 1);
  }

  remove(key: AttemptKey, { name, spec }: NamedSpec): void {
    this.ledger.release(key);
    this.#count(name, spec, -1);
  }

  /** Reserves what several copies of a task would. They count as one in number, which no filter minds. */
  addTogether({ name, spec }: NamedSpec, resources: Resources): void {
    this.ledger.reserve("copies/1" as AttemptKey, { resources, ports: spec.ports });
    this.#count(name, spec, 1);
  }

  #count(name: string, spec: TaskSpec, by: 1 | -1): void {
    if (name !== UNNAMED) bump(this.taskNames, name, by);
    for (const [key, value] of Object.entries(spec.document.labels ?? {})) bump(this.taskLabels, `${key}=${value}`, by);
  }
}
