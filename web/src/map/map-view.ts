/**
 * Draws the map. The tiles are a raster of which only the boxes of touched nodes are made anew, as long as the view stays
 * what it is; names, marks and what moves are drawn on a layer above. Frames are drawn only while there is something new.
 */
import type { NodeRow } from "../live/node-table.ts";
import { NO_NODE } from "../live/task-table.ts";
import { Effects } from "./effects.ts";
import { type Rect, type Size, type View, within } from "./geometry.ts";
import { drawLabels } from "./labels.ts";
import { MapLayout } from "./map-layout.ts";
import type { Happenings, MapModel, Target } from "./map-model.ts";
import { LOOKS, type Palette } from "./palette.ts";
import { mixed, type PixelArea, Raster } from "./raster.ts";

/** A tile that changed shows it for so long. */
const FLASH_MS = 450;
/** More pixels of the device than this are not made, however fine its screen. */
const MOST_PIXELS = 4_000_000;
/** Sides longer than this, in pixels of the device, leave room for a line between two tiles. */
const LEAST_APART = 3;
const UNHEALTHY = LOOKS.indexOf("unhealthy");
/** Most boxes change with every piece of a first snapshot: until it is whole, no more than a picture in so long. */
const LOADING_MS = 250;
/** With more touched boxes than this, the whole picture is put on the screen at once. */
const MOST_PIECES = 150;

/** What is drawn around a node or a task. */
export interface Marks {
  readonly hover: Target | undefined;
  readonly cursor: Target | undefined;
  readonly selected: Target | undefined;
}

const NO_MARKS: Marks = { hover: undefined, cursor: undefined, selected: undefined };

export interface MapLayers {
  readonly tiles: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
}

export class MapView implements Happenings {
  readonly model: MapModel;
  readonly layout: MapLayout;
  readonly #tiles: CanvasRenderingContext2D;
  readonly #overlay: CanvasRenderingContext2D;
  readonly #effects = new Effects();
  #palette: Palette;
  #raster: Raster | undefined;
  /** Pixels of the device for one of CSS. */
  #ratio = 1;
  #marks = NO_MARKS;
  #isWhole = true;
  /** The whole cluster has not been drawn yet. */
  #isFirst = true;
  /** Of the last picture, as `performance.now()` says. */
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isOverlayOld = true;
  #frame: number | undefined;
  isCalm = false;
  /** Nodes with a tile that shows that it has changed. */
  readonly #flashing = new Map<number, number>();
  /** Of the frame that is drawn now, as `performance.now()` says. */
  #nowMs = 0;
  /** Used again and again, so that drawing allocates nothing. */
  readonly #inner: Rect = { x: 0, y: 0, width: 0, height: 0 };
  readonly #box: Rect = { x: 0, y: 0, width: 0, height: 0 };
  readonly #area: PixelArea = { left: 0, top: 0, right: 0, bottom: 0 };

  constructor(model: MapModel, { tiles, overlay }: MapLayers, palette: Palette) {
    const context = tiles.getContext("2d", { alpha: false });
    const above = overlay.getContext("2d");
    if (context === null || above === null) throw new Error("this browser draws on no canvas");
    this.model = model;
    this.layout = new MapLayout(model);
    this.#tiles = context;
    this.#overlay = above;
    this.#palette = palette;
    model.happenings = this;
  }

  resize(size: Size, devicePixels: number): void {
    if (size.width < 1 || size.height < 1) return;
    this.layout.size = size;
    this.#ratio = Math.min(devicePixels, Math.sqrt(MOST_PIXELS / (size.width * size.height)));
    const width = Math.round(size.width * this.#ratio);
    const height = Math.round(size.height * this.#ratio);
    for (const { canvas } of [this.#tiles, this.#overlay]) {
      canvas.width = width;
      canvas.height = height;
    }
    this.#raster = new Raster(width, height);
    this.#arrange();
    this.setView(this.layout.view);
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#isWhole = true;
    this.request();
  }

  setView(view: View): void {
    this.layout.view = within(view, this.layout.size);
    this.#isWhole = true;
    this.request();
  }

  setMarks(marks: Partial<Marks>): void {
    this.#marks = { ...this.#marks, ...marks };
    this.#isOverlayOld = true;
    this.request();
  }

  /** Has a frame drawn soon. */
  request(): void {
    this.#frame ??= requestAnimationFrame((nowMs) => {
      this.#frame = undefined;
      this.#draw(nowMs);
    });
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    if (this.model.happenings === this) this.model.happenings = undefined;
  }

  changed(node: number): void {
    if (!this.isCalm) this.#flashing.set(node, performance.now() + FLASH_MS);
  }

  placed(slot: number, from: number): void {
    if (this.isCalm) return;
    const to = this.model.cluster.taskTable.node[slot] ?? NO_NODE;
    if (from === NO_NODE || from === to || this.model.isMoved) return;
    const source = this.layout.middleOf(from);
    const target = this.layout.middleOf(to);
    if (source !== undefined && target !== undefined) {
      this.#effects.fly({ from: source, to: target }, this.#palette.accent, performance.now());
    }
  }

  ended(slot: number, hasFailed: boolean): void {
    if (this.isCalm || this.model.isMoved) return;
    const row = this.model.cluster.nodeTable.rows[this.model.cluster.taskTable.node[slot] ?? NO_NODE];
    if (row === undefined) return;
    const rect = this.layout.tileIn(row, slot, { x: 0, y: 0, width: 0, height: 0 });
    const { failed, completed } = this.#palette;
    this.#effects.fade({ rect, hasFailed }, hasFailed ? failed : completed, performance.now());
  }

  #draw(nowMs: number): void {
    const raster = this.#raster;
    if (raster === undefined) return;
    if (!this.model.cluster.isComplete && nowMs < this.#drawnMs + LOADING_MS) {
      this.request();
      return;
    }
    this.#drawnMs = nowMs;
    this.#nowMs = nowMs;
    if (this.model.isMoved) this.#arrange();
    const { touched } = this.model;
    for (const [slot, untilMs] of this.#flashing) {
      touched.add(slot);
      if (untilMs < nowMs) this.#flashing.delete(slot);
    }
    if (this.#isWhole) this.#drawAll(raster);
    else if (touched.size > 0) this.#drawTouched(raster);
    if (this.#isFirst && this.model.cluster.isComplete) {
      this.#isFirst = false;
      performance.mark("birdman:map");
    }
    if (this.#isOverlayOld || this.#effects.isRunning || this.layout.hasHeads) this.#drawOverlay();
    if (this.#flashing.size > 0 || this.#effects.isRunning) this.request();
  }

  #drawAll(raster: Raster): void {
    raster.clear(this.#palette.background);
    const { order } = this.model;
    for (let place = 0; place < order.length; place += 1) {
      const node = order[place];
      if (node !== undefined) this.#drawNode(raster, node);
    }
    this.model.touched.clear();
    this.#tiles.putImageData(raster.image, 0, 0);
    this.#isWhole = false;
    this.#isOverlayOld = true;
  }

  #drawTouched(raster: Raster): void {
    const { touched, cluster } = this.model;
    const isInPieces = touched.size <= MOST_PIECES;
    for (const slot of touched) {
      const node = cluster.nodeTable.rows[slot];
      if (node === undefined || !this.#drawNode(raster, node) || !isInPieces) continue;
      const { left, top, right, bottom } = this.#boxArea(node);
      this.#tiles.putImageData(raster.image, 0, 0, left, top, right - left, bottom - top);
    }
    if (!isInPieces) this.#tiles.putImageData(raster.image, 0, 0);
    touched.clear();
  }

  /** False for a node that is out of sight. */
  #drawNode(raster: Raster, node: NodeRow): boolean {
    const area = this.#boxArea(node);
    if (area.right < 0 || area.bottom < 0 || area.left >= raster.width || area.top >= raster.height) return false;
    const { left, top, right, bottom } = area;
    if (right - left > 8 && bottom - top > 8) {
      raster.fill(area, this.#palette.border);
      setArea(area, left + 1, top + 1).right = right - 1;
      area.bottom = bottom - 1;
    }
    raster.fill(area, this.#boxColor(node));
    const inner = this.#tileArea(node);
    this.model.packNode(node, inner.width / inner.height);
    for (const slot of node.tasks) this.#drawTile(raster, slot, 1);
    // What is wrong is to be found among thousands, however small its tile is.
    for (const slot of node.tasks) {
      if (this.model.look[slot] === UNHEALTHY) this.#drawTile(raster, slot, 3);
    }
    return true;
  }

  /** A tile of the node whose tiles' area is at hand; its sides are no smaller than that, in pixels of the device. */
  #drawTile(raster: Raster, slot: number, smallest: number): void {
    const inner = this.#inner;
    const { x, y, width, height } = this.model.tiles;
    const area = this.#area;
    const left = x[slot] ?? 0;
    const bottom = y[slot] ?? 0;
    area.left = Math.round(inner.x + left * inner.width);
    area.top = Math.round(inner.y + (1 - bottom - (height[slot] ?? 0)) * inner.height);
    const right = Math.round(inner.x + (left + (width[slot] ?? 0)) * inner.width);
    const end = Math.round(inner.y + (1 - bottom) * inner.height);
    // Those that are large enough stand apart.
    area.right = Math.max(area.left + smallest, right - (right - area.left > LEAST_APART ? 1 : 0));
    area.bottom = Math.max(area.top + smallest, end - (end - area.top > LEAST_APART ? 1 : 0));
    raster.fill(area, this.#tileColor(slot));
  }

  #tileColor(slot: number): number {
    const { look, faint, marked, hasHighlight, changedMs } = this.model;
    const isFaint = hasHighlight ? marked[slot] !== 1 : faint[slot] === 1;
    const color = (isFaint ? this.#palette.faint : this.#palette.tiles)[look[slot] ?? 0] ?? 0;
    const passed = (this.#nowMs - (changedMs[slot] ?? 0)) / FLASH_MS;
    return passed >= 1 || this.isCalm ? color : mixed(this.#palette.flash, color, 0.35 + 0.65 * Math.max(0, passed));
  }

  #boxColor({ facts: { status, availability } }: NodeRow): number {
    if (status === "unreachable") return this.#palette.boxUnreachable;
    if (status === "lost") return this.#palette.boxLost;
    if (status === "left") return this.#palette.boxLeft;
    return availability === "active" ? this.#palette.box : this.#palette.boxPaused;
  }

  #drawOverlay(): void {
    const context = this.#overlay;
    const ratio = this.#ratio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.layout.hasHeads) drawLabels(context, this.layout, this.#palette);
    const drawn = this.#box;
    this.#effects.draw(this.#nowMs, (rect, color, opacity) => {
      const { x, y, width, height } = this.layout.onScreen(rect, drawn);
      context.globalAlpha = opacity;
      context.fillStyle = color;
      context.fillRect(x, y, Math.max(3, width), Math.max(3, height));
    });
    context.globalAlpha = 1;
    const { hover, cursor, selected } = this.#marks;
    this.#mark(selected, this.#palette.accent, 3);
    this.#mark(hover, this.#palette.text, 1.5);
    this.#mark(cursor, this.#palette.accent, 2);
    this.#isOverlayOld = false;
  }

  #mark(target: Target | undefined, color: string, lineWidth: number): void {
    const rect = target === undefined ? undefined : this.layout.rectOf(target);
    if (rect === undefined) return;
    this.#overlay.strokeStyle = color;
    this.#overlay.lineWidth = lineWidth;
    this.#overlay.strokeRect(rect.x - 1, rect.y - 1, rect.width + 2, rect.height + 2);
  }

  #arrange(): void {
    this.layout.arrange();
    this.#effects.clear();
    this.#isWhole = true;
  }

  /** In pixels of the device; the same object each time. */
  #boxArea(node: NodeRow): PixelArea {
    const area = this.#area;
    const rect = this.layout.onScreen(this.layout.boxOf(node, this.#box), this.#box);
    area.left = Math.round(rect.x * this.#ratio);
    area.top = Math.round(rect.y * this.#ratio);
    area.right = Math.max(area.left + 1, Math.round((rect.x + rect.width) * this.#ratio));
    area.bottom = Math.max(area.top + 1, Math.round((rect.y + rect.height) * this.#ratio));
    return area;
  }

  /** Of a box, the part that its tiles fill: in pixels of the device; the same object each time. */
  #tileArea(node: NodeRow): Rect {
    const rect = this.layout.onScreen(this.layout.tilesOf(node, this.#inner), this.#inner);
    rect.x *= this.#ratio;
    rect.y *= this.#ratio;
    rect.width *= this.#ratio;
    rect.height *= this.#ratio;
    return rect;
  }
}

function setArea(area: PixelArea, left: number, top: number): PixelArea {
  area.left = left;
  area.top = top;
  return area;
}
