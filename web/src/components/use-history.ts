/**
 * What a task or a node has used since its page was first opened: the manager keeps the newest measurement alone, so the
 * page remembers what it has seen. In memory, and a few minutes of it.
 */
import { useSyncExternalStore } from "react";
import { Observable } from "../app/observable.ts";

export interface UseSample {
  /** Wall clock of the browser, milliseconds. */
  readonly at: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Ten minutes at the pace of the measurements. */
const MOST_SAMPLES = 300;
/** Measurements come every two seconds. */
const EVERY_MS = 2000;
/** Things remembered; the one looked at longest ago goes first. */
const MOST_HISTORIES = 64;

const histories = new Map<string, Observable<readonly UseSample[]>>();

function historyOf(key: string): Observable<readonly UseSample[]> {
  const known = histories.get(key) ?? new Observable<readonly UseSample[]>([]);
  // Put last, the Map remembers in which order they were used.
  histories.delete(key);
  histories.set(key, known);
  const [oldest] = histories.keys();
  if (histories.size > MOST_HISTORIES && oldest !== undefined) histories.delete(oldest);
  return known;
}

/** Remembers a measurement; one that comes too soon after the last is left out. */
export function recordUse(key: string, { cpu, memory }: { readonly cpu: number; readonly memory: number }): void {
  const history = historyOf(key);
  const samples = history.get();
  const at = Date.now();
  if (at - (samples.at(-1)?.at ?? 0) < EVERY_MS * 0.9) return;
  history.set([...samples.slice(1 - MOST_SAMPLES), { at, cpu, memory }]);
}

export function useHistory(key: string): readonly UseSample[] {
  const history = histories.get(key) ?? historyOf(key);
  return useSyncExternalStore(history.subscribe, history.get);
}
