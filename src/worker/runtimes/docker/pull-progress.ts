/** What a pull has to tell, as a sentence: `pulling nginx:1.27: 34 of 57 MiB`. */
import { formatSize } from "../../../utils/sizes.ts";

/** A line of the engine's answer to a pull; all of it may be missing. */
export interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

export class PullProgress {
  readonly #image: string;
  /** Bytes of each layer that is, or was, downloaded. */
  readonly #layers = new Map<string, { current: number; total: number }>();
  #unpacking = false;

  constructor(image: string) {
    this.#image = image;
  }

  add({ id, status, progressDetail }: PullLine): void {
    if (id === undefined || status === undefined) return;
    if (status === "Downloading") {
      const { current = 0, total = 0 } = progressDetail ?? {};
      this.#layers.set(id, { current, total: Math.max(total, current) });
    } else if (status === "Download complete" || status === "Pull complete" || status === "Extracting") {
      const layer = this.#layers.get(id);
      if (layer !== undefined) layer.current = layer.total;
      if (status === "Extracting") this.#unpacking = true;
    }
  }

  get sentence(): string {
    let current = 0;
    let total = 0;
    for (const layer of this.#layers.values()) {
      current += layer.current;
      total += layer.total;
    }
    if (this.#unpacking && current === total) return `unpacking ${this.#image}`;
    return total === 0 ? `pulling ${this.#image}` : `pulling ${this.#image}: ${share(current, total)}`;
  }
}

/** `34 of 57 MiB`: both in the unit of the whole, without decimals, so that it changes at most a thousand times. */
function share(current: number, total: number): string {
  const unit = formatSize(total).split(" ")[1] ?? "B";
  const size = UNIT_BYTES.get(unit) ?? 1;
  return `${String(Math.floor(current / size))} of ${String(Math.round(total / size))} ${unit}`;
}

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);
