/** A node as it was told of last: by that it is seen what is new. One object, since every placement asks for it. */
import type { RuntimeKind } from "../task/document.ts";
import type { Resources } from "../task/spec.ts";
import type { Candidate } from "./filter.ts";
import { NodeLoad, type NodeColumns } from "./node-load.ts";
import type { NodeView } from "./scheduler.ts";

export class KnownNode implements Candidate {
  view: NodeView;
  position = 0;
  readonly joined: number;
  readonly load: NodeLoad;
  /** What the view said at the last update, besides amounts. */
  name: string;
  status: NodeView["status"];
  availability: NodeView["availability"];
  isDamped: boolean;
  heldFor: string | undefined;
  labels: NodeView["labels"];
  runtimes: readonly RuntimeKind[];
  sick: NodeView["sick"];
  /** What there is, in units; what was measured, and the same in units and in steps, as it counts. */
  capacityUnits: Readonly<Resources>;
  used: Resources | undefined;
  measured: Resources | undefined;

  constructor(nodes: NodeColumns, view: NodeView) {
    this.view = view;
    this.joined = view.joined;
    this.load = new NodeLoad(nodes, this);
    this.name = view.name;
    this.status = view.status;
    this.availability = view.availability;
    this.isDamped = view.isDamped;
    this.heldFor = view.heldFor;
    this.labels = view.labels;
    this.runtimes = view.runtimes;
    this.sick = view.sick;
    this.capacityUnits = view.ledger.capacityUnits;
    this.used = undefined;
    this.measured = undefined;
  }

  /** Whether the view says what it said before, besides amounts. */
  isAsBefore(): boolean {
    const { view } = this;
    return (
      this.status === view.status &&
      this.availability === view.availability &&
      this.isDamped === view.isDamped &&
      this.heldFor === view.heldFor &&
      this.labels === view.labels &&
      this.runtimes === view.runtimes &&
      this.sick === view.sick &&
      this.name === view.name
    );
  }

  remember(): void {
    const { name, status, availability, isDamped, heldFor, labels, runtimes, sick } = this.view;
    Object.assign(this, { name, status, availability, isDamped, heldFor, labels, runtimes, sick });
  }
}
