/** What happened in a simulation, line by line, for people. Nothing is written, nor even put into words, unless asked for. */
import type { VirtualTime } from "./virtual-time.ts";

export interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

export class Story {
  readonly #time: VirtualTime;
  readonly #tell: (line: Line) => void;

  constructor(time: VirtualTime, tell: (line: Line) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  say(who: string, what: string): void {
    this.#tell({ atMs: this.#time.nowMs, who, what });
  }
}

/** `12:03.250  worker2   what happened`, columns aligned. */
export function formatLine({ atMs, who, what }: Line): string {
  const minutes = Math.floor(atMs / 60_000);
  const seconds = (atMs - minutes * 60_000) / 1000;
  const time = `${String(minutes).padStart(3)}:${seconds.toFixed(3).padStart(6, "0")}`;
  return `${time}  ${who.padEnd(8)}  ${what}`;
}
