/**
 * When each machine's next task ends: a binary min-heap of machines that knows where each one is, so that a moment is
 * changed in place. Of two machines with the same moment the one with the lower number comes first.
 */
export class EndQueue {
  readonly #atMs: Float64Array;
  /** Machines, as a heap. */
  readonly #heap: Uint32Array;
  /** Place of each machine in the heap. */
  readonly #place: Uint32Array;

  constructor(machines: number) {
    this.#atMs = new Float64Array(machines).fill(Number.POSITIVE_INFINITY);
    this.#heap = Uint32Array.from({ length: machines }, (_, index) => index);
    this.#place = this.#heap.slice();
  }

  /** The machine whose task ends first, and when: infinity when nothing runs. */
  get first(): number {
    return this.#heap[0] ?? 0;
  }

  get firstMs(): number {
    return this.#atMs[this.first] ?? Number.POSITIVE_INFINITY;
  }

  set(machine: number, atMs: number): void {
    this.#atMs[machine] = atMs;
    this.#sink(this.#rise(this.#place[machine] ?? 0));
  }

  #rise(from: number): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
    return place;
  }

  #sink(from: number): void {
    for (let place = from; ;) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) return;
      if (child + 1 < this.#heap.length && this.#isBefore(child + 1, child)) child += 1;
      if (!this.#isBefore(child, place)) return;
      this.#swap(child, place);
      place = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#heap[a] ?? 0;
    const second = this.#heap[b] ?? 0;
    const firstMs = this.#atMs[first] ?? 0;
    const secondMs = this.#atMs[second] ?? 0;
    return firstMs < secondMs || (firstMs === secondMs && first < second);
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a] ?? 0;
    const second = this.#heap[b] ?? 0;
    this.#heap[a] = second;
    this.#heap[b] = first;
    this.#place[second] = a;
    this.#place[first] = b;
  }
}
