/**
 * A set of keys in order, for tables that are read in order while they are written: a list of short sorted lists, so
 * that adding, removing and finding a place cost little however many keys there are.
 *
 * Invariant: no list is empty, each is in order, and every key of one is smaller than every key of the next.
 */
import { compareKeys, type PageRequest } from "./key-range.ts";

const LIST_KEYS = 512;

interface Place {
  readonly list: number;
  readonly index: number;
}

export class SortedKeys {
  readonly #lists: string[][] = [];

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const place = this.#placeOf(key);
    const list = this.#lists[place.list];
    if (list === undefined) {
      this.#append(key);
    } else {
      list.splice(place.index, 0, key);
      if (list.length > LIST_KEYS) this.#lists.splice(place.list + 1, 0, list.splice(LIST_KEYS / 2));
    }
  }

  /** Removes a key that is there. */
  remove(key: string): void {
    const place = this.#placeOf(key);
    const list = this.#lists[place.list];
    if (list?.[place.index] !== key) return;
    if (list.length === 1) this.#lists.splice(place.list, 1);
    else list.splice(place.index, 1);
  }

  /** The keys asked for, from the highest to the lowest with `reverse`. */
  page({ from, below, reverse, limit }: PageRequest): string[] {
    const start = this.#placeOf(from);
    const end = below === undefined ? { list: this.#lists.length, index: 0 } : this.#placeOf(below);
    const [first, last, step] = reverse ? [end.list, start.list, -1] : [start.list, end.list, 1];
    const keys: string[] = [];
    for (let at = first; (last - at) * step >= 0 && keys.length < limit; at += step) {
      const list = this.#lists[at] ?? [];
      const part = list.slice(at === start.list ? start.index : 0, at === end.list ? end.index : list.length);
      keys.push(...(reverse ? part.reverse() : part));
    }
    return keys.slice(0, limit);
  }

  /** Adds a key greater than all. The last list is filled up first, so that keys which come in order leave full lists. */
  #append(key: string): void {
    const last = this.#lists.at(-1);
    if (last === undefined || last.length === LIST_KEYS) this.#lists.push([key]);
    else last.push(key);
  }

  /** Where the first key not smaller than this one is; past the last list when all are smaller. */
  #placeOf(key: string): Place {
    const list = firstIndex(this.#lists, (keys) => compareKeys(keys.at(-1) ?? "", key) >= 0);
    return { list, index: firstIndex(this.#lists[list] ?? [], (other) => compareKeys(other, key) >= 0) };
  }
}

/** Index of the first item that passes, by bisection: every item after one that passes passes too. The length when none does. */
function firstIndex<T>(items: readonly T[], passes: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // Within bounds: low ≤ middle < high ≤ length.
    if (passes(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
