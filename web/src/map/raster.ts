/**
 * A picture made of plain rectangles, as pixels in memory. Thousands of tiles of a few pixels are filled faster this way
 * than by as many calls of a canvas, and a part of it can be made anew alone. Coordinates are pixels of the device.
 */
export class Raster {
  readonly width: number;
  readonly height: number;
  readonly image: ImageData;
  readonly #pixels: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.image.data.buffer);
  }

  /** From the first coordinates up to, and without, the second ones; what is outside is cut off. */
  fill(area: PixelArea, color: number): void {
    const left = Math.max(0, area.left);
    const right = Math.min(this.width, area.right);
    const top = Math.max(0, area.top);
    const bottom = Math.min(this.height, area.bottom);
    if (left >= right) return;
    for (let y = top; y < bottom; y += 1) {
      this.#pixels.fill(color, y * this.width + left, y * this.width + right);
    }
  }

  clear(color: number): void {
    this.#pixels.fill(color);
  }
}

export interface PixelArea {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A colour between two, both as pixels: at 0 the first, at 1 the second. */
export function mixed(from: number, to: number, share: number): number {
  const weight = Math.round(Math.min(1, Math.max(0, share)) * 256);
  let color = 0;
  for (let shift = 0; shift < 24; shift += 8) {
    const a = (from >>> shift) & 255;
    const b = (to >>> shift) & 255;
    color |= (a + (((b - a) * weight) >> 8)) << shift;
  }
  return (color | 0xff000000) >>> 0;
}
