/**
 * A map that keeps its newest entries and forgets the oldest. (A `Map` by itself could do so, but to find its first entry
 * it steps over all that were removed before.)
 */
export class Recent<K, V> {
  readonly #most: number;
  readonly #entries = new Map<K, { readonly value: V; readonly place: number }>();
  /** The keys in the order in which they came, in a ring; one that came again stands here twice. */
  readonly #keys: K[] = [];
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** From now on the newest. */
  set(key: K, value: V): void {
    const place = this.#next;
    if (this.#keys.length === this.#most) {
      const oldest = this.#keys[place] as K; // the ring is full
      if (this.#entries.get(oldest)?.place === place) this.#entries.delete(oldest);
    }
    this.#keys[place] = key;
    this.#entries.set(key, { value, place });
    this.#next = (place + 1) % this.#most;
  }
}
