/**
 * Where things are on the map. World coordinates are those of the whole map fitted into its place, in CSS pixels; the view
 * says which part of it is seen, and how large.
 */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Boxes in rows, from left to right, all of one size. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Of a box and the gap beside it. */
  readonly cell: Size;
  /** Between two boxes. */
  readonly gap: number;
}

/** What is seen: screen = world × scale + offset, in CSS pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

/** Of all boxes that fit, what looks best is a little wider than high. */
const BEST_RATIO = 1.3;
const LARGEST_GAP = 10;
/** Of a box's shorter side. */
const GAP_SHARE = 0.08;
export const MAX_SCALE = 200;
/** Boxes of this height in CSS pixels have a line of that height for the node's name. */
export const HEADED_FROM = 54;
export const HEAD = 16;

/** The grid whose boxes fill the size and come closest to the ratio that looks best. */
export function fitGrid(count: number, { width, height }: Size): Grid {
  let columns = 1;
  let best = Number.POSITIVE_INFINITY;
  for (let tried = 1; tried <= count; tried += 1) {
    const rows = Math.ceil(count / tried);
    const ratio = width / tried / (height / rows) / BEST_RATIO;
    // Boxes of a bad shape, and places left empty, weigh alike.
    const waste = Math.abs(Math.log(ratio)) + (tried * rows - count) / count;
    if (waste < best) [best, columns] = [waste, tried];
  }
  const rows = Math.max(1, Math.ceil(count / columns));
  const cell = { width: width / columns, height: height / rows };
  return { columns, rows, cell, gap: Math.min(LARGEST_GAP, Math.min(cell.width, cell.height) * GAP_SHARE) };
}

/** The box at a place of the grid, in world coordinates; written into `into`. */
export function boxAt({ columns, cell, gap }: Grid, place: number, into: Rect): Rect {
  into.x = (place % columns) * cell.width + gap / 2;
  into.y = Math.floor(place / columns) * cell.height + gap / 2;
  into.width = cell.width - gap;
  into.height = cell.height - gap;
  return into;
}

/** The place of the grid that a point of the world lies in; there may be no box. */
export function placeAt({ columns, rows, cell }: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / cell.width);
  const row = Math.floor(y / cell.height);
  return column < 0 || row < 0 || column >= columns || row >= rows ? undefined : row * columns + column;
}

/** The view, so much larger around a point of the screen. */
export function zoomed(view: View, factor: number, { x, y }: { readonly x: number; readonly y: number }): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
}

/** The same view, moved so that the map covers its place. */
export function within(view: View, { width, height }: Size): View {
  return {
    scale: view.scale,
    x: Math.min(0, Math.max(width * (1 - view.scale), view.x)),
    y: Math.min(0, Math.max(height * (1 - view.scale), view.y)),
  };
}

/** The view that shows a part of the world as large as it fits, with some room around it. */
export function showing({ x, y, width, height }: Rect, place: Size): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, 0.6 * Math.min(place.width / width, place.height / height)));
  return within(
    { scale, x: place.width / 2 - (x + width / 2) * scale, y: place.height / 2 - (y + height / 2) * scale },
    place,
  );
}
