/**
 * The live tasks as columns, a task a slot. A slot is a task's for as long as that is there, and then another's. With a
 * hundred thousand tasks a row costs some hundred bytes this way, and looking through all of them takes milliseconds.
 */
const FIRST_ROWS = 1024;

export const NO_NODE = -1;

export class TaskTable {
  /** Slots below this may be in use. */
  end = 0;
  /** The task's number; 0 in a slot that is free. */
  n = new Float64Array(FIRST_ROWS);
  state = new Uint8Array(FIRST_ROWS);
  health = new Uint8Array(FIRST_ROWS);
  wish = new Uint8Array(FIRST_ROWS);
  /** Slot of its node, or `NO_NODE`. */
  node = new Int32Array(FIRST_ROWS);
  /** Number of its spec. */
  spec = new Float64Array(FIRST_ROWS);
  attempt = new Uint32Array(FIRST_ROWS);
  restarts = new Uint32Array(FIRST_ROWS);
  /** Hundredths of a core and MiB; -1: not measured. */
  cpu = new Int32Array(FIRST_ROWS);
  memory = new Int32Array(FIRST_ROWS);
  /** Wall clock of the manager, milliseconds. */
  createdAt = new Float64Array(FIRST_ROWS);
  since = new Float64Array(FIRST_ROWS);
  notBefore = new Float64Array(FIRST_ROWS);
  /** Grows with every change of the row. */
  version = new Uint32Array(FIRST_ROWS);
  /** The snapshot that told of it last. */
  snapshot = new Uint32Array(FIRST_ROWS);
  readonly id: string[] = [];
  readonly name: string[] = [];
  readonly reason: string[] = [];
  readonly #slotOf = new Map<number, number>();
  /** Made when it is first asked for: to fill it takes longer than all the rest of a row. */
  #slotOfId: Map<string, number> | undefined;
  readonly #free: number[] = [];

  get size(): number {
    return this.#slotOf.size;
  }

  slot(n: number): number | undefined {
    return this.#slotOf.get(n);
  }

  slotOfId(id: string): number | undefined {
    if (this.#slotOfId === undefined) {
      this.#slotOfId = new Map();
      for (const slot of this.slots()) this.#slotOfId.set(this.id[slot] ?? "", slot);
    }
    return this.#slotOfId.get(id);
  }

  isUsed(slot: number): boolean {
    return this.n[slot] !== 0;
  }

  /** Makes room for so many rows at once, which is cheaper than to grow again and again. */
  reserve(rows: number): void {
    if (rows > this.n.length) this.#grow(rows);
  }

  /** A slot for a task that is not there yet. */
  add(n: number, id: string, name: string): number {
    const slot = this.#free.pop() ?? this.end;
    if (slot === this.end) {
      this.end += 1;
      if (this.end > this.n.length) this.reserve(2 * this.n.length);
    }
    this.n[slot] = n;
    this.node[slot] = NO_NODE;
    this.id[slot] = id;
    this.name[slot] = name;
    this.#slotOf.set(n, slot);
    this.#slotOfId?.set(id, slot);
    return slot;
  }

  remove(slot: number): void {
    this.#slotOf.delete(this.n[slot] ?? 0);
    this.#slotOfId?.delete(this.id[slot] ?? "");
    this.n[slot] = 0;
    this.id[slot] = "";
    this.name[slot] = "";
    this.reason[slot] = "";
    this.#free.push(slot);
  }

  /** In the order of slots, which means nothing. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.end; slot += 1) if (this.isUsed(slot)) yield slot;
  }

  #grow(length: number): void {
    this.n = grown(this.n, new Float64Array(length));
    this.state = grown(this.state, new Uint8Array(length));
    this.health = grown(this.health, new Uint8Array(length));
    this.wish = grown(this.wish, new Uint8Array(length));
    this.node = grown(this.node, new Int32Array(length));
    this.spec = grown(this.spec, new Float64Array(length));
    this.attempt = grown(this.attempt, new Uint32Array(length));
    this.restarts = grown(this.restarts, new Uint32Array(length));
    this.cpu = grown(this.cpu, new Int32Array(length));
    this.memory = grown(this.memory, new Int32Array(length));
    this.createdAt = grown(this.createdAt, new Float64Array(length));
    this.since = grown(this.since, new Float64Array(length));
    this.notBefore = grown(this.notBefore, new Float64Array(length));
    this.version = grown(this.version, new Uint32Array(length));
    this.snapshot = grown(this.snapshot, new Uint32Array(length));
  }
}

function grown<T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from);
  return to;
}
