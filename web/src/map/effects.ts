/**
 * What is to be seen for a moment on top of the map: tiles on their way from one node to another, and tiles that have ended
 * and fade. There is room for so many at a time; in a storm of changes the oldest give way, and nothing is allocated.
 */
import type { Rect } from "./geometry.ts";

const ROOM = 512;
const FLIGHT_MS = 600;
const FADING_MS = 700;

type Kind = "flight" | "completed" | "failed";

interface Effect {
  kind: Kind;
  /** Below zero: not in use. */
  beganMs: number;
  readonly from: Rect;
  readonly to: Rect;
  color: string;
}

/** Draws a rectangle of the world. */
export type DrawRect = (rect: Rect, color: string, opacity: number) => void;

export class Effects {
  readonly #effects: readonly Effect[] = Array.from({ length: ROOM }, () => ({
    kind: "flight",
    beganMs: -1,
    from: { x: 0, y: 0, width: 0, height: 0 },
    to: { x: 0, y: 0, width: 0, height: 0 },
    color: "",
  }));
  readonly #drawn: Rect = { x: 0, y: 0, width: 0, height: 0 };
  #next = 0;
  #running = 0;

  get isRunning(): boolean {
    return this.#running > 0;
  }

  fly({ from, to }: { readonly from: Rect; readonly to: Rect }, color: string, nowMs: number): void {
    const effect = this.#take("flight", color, nowMs);
    Object.assign(effect.from, from);
    Object.assign(effect.to, to);
  }

  fade({ rect, hasFailed }: { readonly rect: Rect; readonly hasFailed: boolean }, color: string, nowMs: number): void {
    Object.assign(this.#take(hasFailed ? "failed" : "completed", color, nowMs).from, rect);
  }

  draw(nowMs: number, drawRect: DrawRect): void {
    for (const effect of this.#effects) {
      if (effect.beganMs < 0) continue;
      const passed = (nowMs - effect.beganMs) / (effect.kind === "flight" ? FLIGHT_MS : FADING_MS);
      if (passed >= 1) {
        effect.beganMs = -1;
        this.#running -= 1;
      } else this.#drawOne(effect, passed, drawRect);
    }
  }

  clear(): void {
    for (const effect of this.#effects) effect.beganMs = -1;
    this.#running = 0;
  }

  #drawOne({ kind, from, to, color }: Effect, passed: number, drawRect: DrawRect): void {
    const rect = this.#drawn;
    if (kind === "flight") {
      const way = eased(passed);
      rect.x = from.x + (to.x - from.x) * way;
      rect.y = from.y + (to.y - from.y) * way;
      rect.width = from.width + (to.width - from.width) * way;
      rect.height = from.height + (to.height - from.height) * way;
      drawRect(rect, color, 0.9);
      return;
    }
    // What failed spreads, so that it is seen; what is done shrinks.
    const by = kind === "failed" ? passed * 0.6 : -passed * 0.5;
    rect.x = from.x - (from.width * by) / 2;
    rect.y = from.y - (from.height * by) / 2;
    rect.width = from.width * (1 + by);
    rect.height = from.height * (1 + by);
    drawRect(rect, color, 1 - passed);
  }

  #take(kind: Kind, color: string, nowMs: number): Effect {
    const effect = this.#effects[this.#next] as Effect; // within the room
    this.#next = (this.#next + 1) % ROOM;
    if (effect.beganMs < 0) this.#running += 1;
    effect.kind = kind;
    effect.color = color;
    effect.beganMs = nowMs;
    return effect;
  }
}

function eased(passed: number): number {
  return passed < 0.5 ? 2 * passed * passed : 1 - (2 - 2 * passed) ** 2 / 2;
}
