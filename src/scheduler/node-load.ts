/** A node as a user's own cost and filters, and the constraints, see it: worked out from the columns when it is asked for. */
import { fromUnits } from "../node/ledger.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { Resources } from "../task/spec.ts";
import { entry, type Columns } from "./columns.ts";
import type { NodeView } from "./scheduler.ts";

export interface NodeColumns {
  readonly capacity: Columns;
  readonly use: Columns;
  readonly tasks: Int32Array;
}

/** Cores, bytes, bytes. */
export class NodeLoad {
  readonly #nodes: NodeColumns;
  readonly #known: { readonly view: NodeView; readonly position: number };

  constructor(nodes: NodeColumns, known: { readonly view: NodeView; readonly position: number }) {
    this.#nodes = nodes;
    this.#known = known;
  }

  get name(): string {
    return this.#known.view.name;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#known.view.labels;
  }

  get runtimes(): readonly RuntimeKind[] {
    return this.#known.view.runtimes;
  }

  /** Place in the order of joining, from 0, without gaps. */
  get position(): number {
    return this.#known.position;
  }

  get capacity(): Resources {
    return this.#of(this.#nodes.capacity);
  }

  get reserved(): Resources {
    return this.#known.view.ledger.reserved;
  }

  /** u of the formulas: the larger of reserved and measured use, or reserved alone, as `--cost-use` says. */
  get use(): Resources {
    return this.#of(this.#nodes.use);
  }

  /** Number of tasks on the node: in all, by name, and by label written `key=value`. */
  get tasks(): number {
    return this.#nodes.tasks[this.position] as number;
  }

  get taskNames(): ReadonlyMap<string, number> {
    return this.#known.view.taskNames;
  }

  get taskLabels(): ReadonlyMap<string, number> {
    return this.#known.view.taskLabels;
  }

  #of({ cpu, memory, disk }: Columns): Resources {
    const { position } = this;
    return fromUnits({ cpu: entry(cpu, position), memory: entry(memory, position), disk: entry(disk, position) });
  }
}
