/** Names on the map, where boxes and tiles are large enough for them. */
import type { NodeRow } from "../live/node-table.ts";
import { HEAD, type Rect, type Size } from "./geometry.ts";
import type { MapModel, Target } from "./map-model.ts";
import type { Palette } from "./palette.ts";

/** A tile of this size in CSS pixels has its name in it. */
const NAMED_WIDTH = 46;
const NAMED_HEIGHT = 16;
/** So many at most: text is slow. */
const MOST_TILES = 400;

const FONT = "system-ui, sans-serif";

/** What is known of the view. */
interface Labelled {
  readonly model: MapModel;
  readonly size: Size;
  /** On the screen, in CSS pixels. */
  rectOf(target: Target): Rect | undefined;
}

export function drawLabels(context: CanvasRenderingContext2D, view: Labelled, palette: Palette): void {
  let left = MOST_TILES;
  context.textBaseline = "middle";
  for (const node of view.model.order) {
    const box = view.rectOf({ kind: "node", node });
    if (box === undefined || !isSeen(box, view)) continue;
    drawHead(context, node, { box, palette });
    context.font = `11px ${FONT}`;
    for (const slot of node.tasks) {
      if (left === 0) return;
      const tile = view.rectOf({ kind: "task", slot, node });
      if (tile === undefined || tile.width < NAMED_WIDTH || tile.height < NAMED_HEIGHT || !isSeen(tile, view)) continue;
      left -= 1;
      context.fillStyle = palette.inks[view.model.look[slot] ?? 0] ?? palette.text;
      const name = view.model.cluster.taskTable.name[slot] ?? "";
      context.fillText(cut(name, tile.width - 8), tile.x + 4, tile.y + Math.min(tile.height / 2, 12));
    }
  }
}

function drawHead(
  context: CanvasRenderingContext2D,
  { facts: { name, status, availability } }: NodeRow,
  { box, palette }: { readonly box: Rect; readonly palette: Palette },
): void {
  const unusual = availability === "active" ? "" : availability;
  const state = status === "ready" ? unusual : status;
  context.font = `600 11px ${FONT}`;
  context.fillStyle = palette.text;
  context.fillText(cut(state === "" ? name : `${name} · ${state}`, box.width - 8), box.x + 5, box.y + HEAD / 2 + 2);
}

function isSeen({ x, y, width, height }: Rect, { size }: Labelled): boolean {
  return x + width > 0 && y + height > 0 && x < size.width && y < size.height;
}

/** Without measuring, which is slow: letters of this font are about so wide. */
function cut(text: string, width: number): string {
  const most = Math.floor(width / 6.2);
  if (text.length <= most) return text;
  return most < 3 ? "" : `${text.slice(0, most - 1)}…`;
}
