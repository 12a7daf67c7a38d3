/** Some of the nodes, by their positions in the order of joining: as many as `length` says, and none of them twice. */
export interface Positions {
  readonly positions: Int32Array;
  readonly length: number;
}
