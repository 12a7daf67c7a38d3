/** Where everything on the map is: in the world, and on the screen as the view shows it. Draws nothing. */
import type { NodeRow } from "../live/node-table.ts";
import {
  boxAt,
  fitGrid,
  type Grid,
  HEAD,
  HEADED_FROM,
  placeAt,
  type Rect,
  showing,
  type Size,
  type View,
} from "./geometry.ts";
import type { MapModel, Target } from "./map-model.ts";

const NO_GRID: Grid = { columns: 1, rows: 1, cell: { width: 1, height: 1 }, gap: 0 };

export class MapLayout {
  readonly model: MapModel;
  /** Of the map's place in the page, in CSS pixels. */
  size: Size = { width: 0, height: 0 };
  view: View = { scale: 1, x: 0, y: 0 };
  #grid = NO_GRID;
  readonly #inner: Rect = { x: 0, y: 0, width: 0, height: 0 };

  constructor(model: MapModel) {
    this.model = model;
  }

  /** Boxes from left to right. */
  get columns(): number {
    return this.#grid.columns;
  }

  /** Whether boxes are large enough for a line with the node's name. */
  get hasHeads(): boolean {
    return (this.#grid.cell.height - this.#grid.gap) * this.view.scale >= HEADED_FROM;
  }

  /** Finds every node its place anew. */
  arrange(): void {
    this.model.arrange();
    this.#grid = fitGrid(Math.max(1, this.model.order.length), this.size);
    this.model.unpackAll();
  }

  /** What lies at a point of the screen, in CSS pixels. */
  targetAt({ x, y }: { readonly x: number; readonly y: number }): Target | undefined {
    const worldX = (x - this.view.x) / this.view.scale;
    const worldY = (y - this.view.y) / this.view.scale;
    const place = placeAt(this.#grid, worldX, worldY);
    const node = place === undefined ? undefined : this.model.order[place];
    if (node === undefined) return undefined;
    const tile: Rect = { x: 0, y: 0, width: 0, height: 0 };
    const slot = node.tasks.find((each) => contains(this.tileIn(node, each, tile), worldX, worldY));
    return slot === undefined ? { kind: "node", node } : { kind: "task", slot, node };
  }

  /** The view of a node, large, or of everything. */
  viewOf(node: NodeRow | undefined): View {
    const place = node === undefined ? undefined : this.model.placeOf[node.slot];
    if (place === undefined) return { scale: 1, x: 0, y: 0 };
    return showing(boxAt(this.#grid, place, this.#inner), this.size);
  }

  /** Where a target is on the screen, in CSS pixels. */
  rectOf(target: Target): Rect | undefined {
    if (this.model.placeOf[target.node.slot] === undefined) return undefined;
    const rect: Rect = { x: 0, y: 0, width: 0, height: 0 };
    if (target.kind === "node") this.boxOf(target.node, rect);
    else this.tileIn(target.node, target.slot, rect);
    return this.onScreen(rect, rect);
  }

  /** A rectangle of the world on the screen, in CSS pixels. What is written `into` is answered, here and below. */
  onScreen({ x, y, width, height }: Rect, into: Rect): Rect {
    const { scale } = this.view;
    into.x = x * scale + this.view.x;
    into.y = y * scale + this.view.y;
    into.width = width * scale;
    into.height = height * scale;
    return into;
  }

  /** In the world, as what follows. */
  boxOf(node: NodeRow, into: Rect): Rect {
    return boxAt(this.#grid, this.model.placeOf[node.slot] ?? 0, into);
  }

  /** The part of a node's box that its tiles fill. */
  tilesOf(node: NodeRow, into: Rect): Rect {
    const rect = this.boxOf(node, into);
    const { scale } = this.view;
    const head = this.hasHeads ? HEAD / scale : 0;
    const inset = Math.min(2 / scale, rect.width * 0.04);
    rect.x += inset;
    rect.y += inset + head;
    rect.width -= 2 * inset;
    rect.height -= 2 * inset + head;
    return rect;
  }

  tileIn(node: NodeRow, slot: number, into: Rect): Rect {
    const inner = this.tilesOf(node, this.#inner);
    const { x, y, width, height } = this.model.tiles;
    into.x = inner.x + (x[slot] ?? 0) * inner.width;
    into.y = inner.y + (1 - (y[slot] ?? 0) - (height[slot] ?? 0)) * inner.height;
    into.width = (width[slot] ?? 0) * inner.width;
    into.height = (height[slot] ?? 0) * inner.height;
    return into;
  }

  /** A small square in the middle of a node's box. */
  middleOf(nodeSlot: number): Rect | undefined {
    const place = this.model.placeOf[nodeSlot];
    if (place === undefined) return undefined;
    const { x, y, width, height } = boxAt(this.#grid, place, this.#inner);
    const side = Math.min(width, height) * 0.3;
    return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side };
  }
}

function contains({ x, y, width, height }: Rect, pointX: number, pointY: number): boolean {
  return pointX >= x && pointX < x + width && pointY >= y && pointY < y + height;
}
