/** The candidate that a mistyped word most likely meant: equal but for case, or at most a third of it (and two letters) wrong. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(2, Math.ceil(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
 * Source: Damerau, A technique for computer detection and correction of spelling errors (CACM 7(3), 1964).
 */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [];
  const at = (y: number, x: number): number => rows[y]?.[x] ?? Number.POSITIVE_INFINITY;
  for (let y = 0; y <= from.length; y++) {
    const row: number[] = [];
    rows.push(row);
    for (let x = 0; x <= to.length; x++) {
      if (y === 0 || x === 0) {
        row.push(x + y);
        continue;
      }
      const substituted = at(y - 1, x - 1) + (from[y - 1] === to[x - 1] ? 0 : 1);
      const isSwap = from[y - 1] === to[x - 2] && from[y - 2] === to[x - 1];
      const swapped = isSwap ? at(y - 2, x - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(substituted, at(y - 1, x) + 1, at(y, x - 1) + 1, swapped));
    }
  }
  return at(from.length, to.length);
}
