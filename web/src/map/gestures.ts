/** Moving about on the map: wheel and pinch zoom, dragging moves, a click that does neither chooses. */
import { zoomed } from "./geometry.ts";
import type { MapView } from "./map-view.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Gestured {
  /** The pointer is there, or (undefined) nowhere on the map. */
  readonly hovered: (point: Point | undefined) => void;
  readonly chosen: (point: Point) => void;
}

/** A pointer that moves less than this, in CSS pixels, is held still. */
const STILL = 5;
const WHEEL_STEP = 0.0018;

/** Listens on the element, which the map fills, until what it returns is called. */
export function listenForGestures(element: HTMLElement, view: MapView, { hovered, chosen }: Gestured): () => void {
  const pointers = new Map<number, Point>();
  let moved = 0;
  const at = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    view.setView(
      zoomed(view.layout.view, Math.exp(-event.deltaY * WHEEL_STEP * (event.deltaMode === 0 ? 1 : 30)), at(event)),
    );
    hovered(at(event));
  };
  const down = (event: PointerEvent): void => {
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const point = at(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      hovered(point);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    moved += Math.hypot(point.x - before.x, point.y - before.y);
    pointers.set(event.pointerId, point);
    if (moved < STILL) return;
    hovered(undefined);
    const { scale, x, y } = view.layout.view;
    const shifted = { scale, x: x + (point.x - before.x) / pointers.size, y: y + (point.y - before.y) / pointers.size };
    if (other === undefined) view.setView(shifted);
    else view.setView(zoomed(shifted, distance(point, other) / Math.max(1, distance(before, other)), other));
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && moved < STILL && pointers.size === 0) chosen(at(event));
  };
  const leave = (): void => hovered(undefined);

  const stop = new AbortController();
  const { signal } = stop;
  // Not passive: the page is not to scroll along.
  element.addEventListener("wheel", wheel, { passive: false, signal });
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", up, { signal });
  element.addEventListener("pointerleave", leave, { signal });
  return () => stop.abort();
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
