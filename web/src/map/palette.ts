/** The map's colours: what the style sheet says, as the pixels of a raster (little-endian, as every browser's machine is). */
import { mixed } from "./raster.ts";

/** How a task looks. Places in `Palette.tiles`. */
export const LOOKS = ["nothing", "scheduled", "running", "starting", "healthy", "unhealthy", "leaving"] as const;
export type Look = (typeof LOOKS)[number];

const TILE_COLORS: Readonly<Record<Look, readonly [variable: string, fallback: string]>> = {
  nothing: ["--surface", "#ffffff"],
  scheduled: ["--state-scheduled", "#4c8df6"],
  running: ["--state-running", "#2f9e6e"],
  starting: ["--health-starting", "#d8a013"],
  healthy: ["--health-healthy", "#2f9e6e"],
  unhealthy: ["--health-unhealthy", "#d9480f"],
  leaving: ["--state-completed", "#8a93a5"],
};

export interface Palette {
  readonly background: number;
  readonly box: number;
  readonly boxUnreachable: number;
  readonly boxLost: number;
  readonly boxLeft: number;
  readonly boxPaused: number;
  readonly border: number;
  /** By look. */
  readonly tiles: Uint32Array;
  /** The same of tasks that do not pass the filter. */
  readonly faint: Uint32Array;
  /** Of what is written in a tile, by look: black or white, whichever is seen better. */
  readonly inks: readonly string[];
  /** What a tile is for a moment when it changes. */
  readonly flash: number;
  readonly accent: string;
  readonly text: string;
  readonly textMuted: string;
  readonly completed: string;
  readonly failed: string;
}

/** Reads the colours anew: after the theme has changed. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const text = (variable: string, fallback: string): string => style.getPropertyValue(variable).trim() || fallback;
  const pixel = pixelReader();
  const color = (variable: string, fallback: string): number => pixel(text(variable, fallback));
  const box = color("--surface", "#ffffff");
  const tiles = new Uint32Array(LOOKS.length);
  const faint = new Uint32Array(LOOKS.length);
  for (const [index, look] of LOOKS.entries()) {
    tiles[index] = color(...TILE_COLORS[look]);
    faint[index] = mixed(box, tiles[index] ?? box, 0.14);
  }
  const tinted = (variable: string, fallback: string): number => mixed(box, color(variable, fallback), 0.35);
  return {
    ...{ box, tiles, faint },
    inks: [...tiles].map(inkOn),
    background: color("--background", "#f4f6f9"),
    boxUnreachable: tinted("--node-unreachable", "#d8a013"),
    boxLost: tinted("--node-lost", "#d9480f"),
    boxLeft: tinted("--node-left", "#8a93a5"),
    boxPaused: tinted("--node-paused", "#7048e8"),
    border: color("--border", "#d5dae3"),
    flash: color("--text", "#141a26"),
    accent: text("--accent", "#2f6fed"),
    text: text("--text", "#141a26"),
    textMuted: text("--text-muted", "#5b6578"),
    completed: text("--state-completed", "#8a93a5"),
    failed: text("--state-failed", "#d9480f"),
  };
}

/** Relative luminance as WCAG 2 has it; its contrast with black and with white is the same at 0.179. */
function inkOn(pixel: number): string {
  const [red = 0, green = 0, blue = 0] = [0, 8, 16].map((shift) => {
    const share = ((pixel >>> shift) & 255) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

/** Calls back when the theme changes. */
export function watchTheme(changed: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "class", "style"] });
  media.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", changed);
  };
}

/** Whatever CSS calls a colour, as a pixel: a canvas knows. */
function pixelReader(): (color: string) => number {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (color) => {
    if (context === null) return 0xff888888;
    context.fillStyle = "#888888";
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  };
}
