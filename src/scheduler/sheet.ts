/**
 * What is worked out of some nodes, in the order in which they are listed. There is one sheet for all who ask, and it is
 * written on anew each time: so it stays in the processor's cache.
 */
export class Sheet {
  costs = new Float64Array(0);
  /** The bits of the filters that reject the node. */
  rejects = new Uint16Array(0);

  /** Makes room for so many nodes. */
  fit(count: number): void {
    if (this.costs.length >= count) return;
    this.costs = new Float64Array(2 * count);
    this.rejects = new Uint16Array(2 * count);
  }
}
