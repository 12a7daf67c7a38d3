import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cluster } from "../live/cluster.ts";
import { MapModel } from "./map-model.ts";
import { MapView } from "./map-view.ts";
import type { Palette } from "./palette.ts";

/** Pictures that were put on the screen. */
let pictures: number;
let waiting: ((nowMs: number) => void)[];

/** What is drawn into where there is no browser. */
class PlayedImage {
  readonly data: Uint8ClampedArray;

  constructor(width: number, height: number) {
    this.data = new Uint8ClampedArray(width * height * 4);
  }
}

beforeEach(() => {
  pictures = 0;
  waiting = [];
  vi.stubGlobal("ImageData", PlayedImage);
  vi.stubGlobal("requestAnimationFrame", (draw: (nowMs: number) => void) => waiting.push(draw));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function playedCanvas(): HTMLCanvasElement {
  const canvas = { width: 0, height: 0 };
  const context = { canvas, putImageData: () => (pictures += 1), setTransform() {}, clearRect() {} };
  return { ...canvas, getContext: () => context } as unknown as HTMLCanvasElement;
}

const PALETTE = {
  ...{ background: 0, box: 0, boxUnreachable: 0, boxLost: 0, boxLeft: 0, boxPaused: 0, border: 0, flash: 0 },
  ...{ tiles: new Uint32Array(8), faint: new Uint32Array(8), inks: [], accent: "", text: "", textMuted: "" },
  ...{ completed: "", failed: "" },
} satisfies Palette;

/** The browser's next frame. */
function frameAt(nowMs: number): void {
  const drawn = waiting;
  waiting = [];
  for (const draw of drawn) draw(nowMs);
}

test("draws now and then while a first snapshot comes in, and all of it at once when it is here", () => {
  const cluster = new Cluster();
  const model = new MapModel(cluster, () => 0);
  const view = new MapView(model, { tiles: playedCanvas(), overlay: playedCanvas() }, PALETTE);
  cluster.observe(model);
  cluster.subscribe(() => view.request());
  view.resize({ width: 100, height: 100 }, 1);
  cluster.take({ rev: 1, at: 0, snapshot: "begin" });
  frameAt(0);
  expect(pictures).toBe(1);
  const drawn: number[] = [];
  for (let nowMs = 16; nowMs < 600; nowMs += 16) {
    cluster.take({ rev: 1, at: 0, snapshot: "part" });
    view.setPalette(PALETTE);
    frameAt(nowMs);
    drawn.push(pictures);
  }
  expect(drawn.at(-1)).toBe(3);
  // Nothing comes any more: what is here is drawn all the same.
  view.setPalette(PALETTE);
  for (let nowMs = 600; nowMs < 1000; nowMs += 16) frameAt(nowMs);
  expect(pictures).toBe(4);
  cluster.take({ rev: 1, at: 0, snapshot: "end" });
  view.setPalette(PALETTE);
  frameAt(1000);
  view.setPalette(PALETTE);
  frameAt(1016);
  expect(pictures).toBe(6);
});
