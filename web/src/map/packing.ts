/**
 * Packs the tasks of a node into its box as a strip treemap (Bederson, Shneiderman, Wattenberg: Ordered and Quantum
 * Treemaps, ACM TOG 21(4), 2002), from the bottom up and in the order in which they came: so the box fills like a glass,
 * what is left free is seen as such, and what stays, stays about where it was.
 */

/** Rectangles of tiles, by slot, as shares of the box: from its left, and from its bottom. */
export interface Tiles {
  x: Float32Array;
  y: Float32Array;
  width: Float32Array;
  height: Float32Array;
}

/** What is to be packed. */
export interface Packed {
  readonly slots: readonly number[];
  /** What each takes of the box, in the same order. */
  readonly shares: readonly number[];
  /** Of the box's width to its height. */
  readonly ratio: number;
}

/** Writes the tiles of these slots. Shares that are more than the box together are drawn smaller, all alike. */
export function pack({ slots, shares, ratio }: Packed, tiles: Tiles): void {
  let sum = 0;
  for (const share of shares) sum += share;
  const shrunk = sum > 1 ? 1 / sum : 1;
  let from = 0;
  let bottom = 0;
  while (from < slots.length) {
    const { to, total } = stripFrom(from, shares, ratio);
    const height = total * shrunk;
    let left = 0;
    for (let index = from; index < to; index += 1) {
      const slot = slots[index] ?? 0;
      const width = total > 0 ? (shares[index] ?? 0) / total : 0;
      tiles.x[slot] = left;
      tiles.y[slot] = bottom;
      tiles.width[slot] = width;
      tiles.height[slot] = height;
      left += width;
    }
    bottom += height;
    from = to;
  }
}

/** As many tiles in a strip as bring them closest to squares. */
function stripFrom(from: number, shares: readonly number[], ratio: number): { to: number; total: number } {
  let total = shares[from] ?? 0;
  let to = from + 1;
  let best = squareness(total, 1, ratio);
  for (; to < shares.length; to += 1) {
    const larger = total + (shares[to] ?? 0);
    const worth = squareness(larger, to + 1 - from, ratio);
    if (worth > best) break;
    best = worth;
    total = larger;
  }
  return { to, total };
}

/** Of the average tile: the longer side over the shorter one. */
function squareness(total: number, count: number, ratio: number): number {
  const longer = ratio / count / total;
  return Math.max(longer, 1 / longer);
}
