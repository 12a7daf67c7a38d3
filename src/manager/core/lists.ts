/**
 * Long lists of tasks, taken a slice at each step, so that nothing else has to wait for them.
 *
 * While a list is read nobody sees it. Once it is read, one commit makes all of it durable and visible, or refuses all of
 * it: its tasks are pending from then on, and written together, a row for each slice. They enter the queue slice by slice;
 * with that each gets a record and a history of its own, and the row of its slice goes.
 *
 * Invariant: nothing has happened yet to the tasks of a slice. Whatever is to happen to one of them lets the slice enter
 * first (`apply.ts`).
 */
import { accepted } from "../../task/lifecycle.ts";
import { specOf } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import { answerAccepted, isAnswered } from "./answers.ts";
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";
import { encodeSlice } from "./records.ts";
import type { ManagerState } from "./state.ts";

/** A list that is being read: its tasks are made, and nobody sees them. */
export interface ListReading {
  readonly event: Extract<ManagerEvent, { kind: "tasksSubmitted" }>;
  /** When it came: wall clock, milliseconds. */
  readonly at: number;
  /** The number of its first task. */
  readonly firstSeq: number;
  readonly slices: { readonly slice: Slice; readonly record: string }[];
}

/** Tasks that were accepted together and have not entered the queue, in the order of their numbers; never empty. */
export type Slice = readonly Task[];

/** A long list has come; its numbers are its own from now on. */
export function beginList({ state, now }: Applier, event: ListReading["event"]): void {
  state.readings.push({ event, at: now.wall, firstSeq: state.lastTaskSeq + 1, slices: [] });
  state.lastTaskSeq += event.tasks.length;
}

/** So many slices are read in a step: to read one takes a fraction of the time in which one enters. */
const SLICES_READ = 4;

/** Goes on with what is under way: one slice enters, some are read. */
export function continueLists(apply: Applier): void {
  const { state } = apply;
  const [slice] = state.slices;
  if (slice !== undefined) apply.enter(slice);
  const [reading] = state.readings;
  if (reading === undefined) return;
  for (let left = SLICES_READ; left > 0; left -= 1) {
    if (!readSlice(state, reading)) return endReading(apply, reading);
  }
}

/** The list is read: it is accepted or refused. */
function endReading(apply: Applier, reading: ListReading): void {
  const { state } = apply;
  state.readings.shift();
  if (isAnswered(apply, reading.event)) {
    for (const task of reading.slices.flatMap((each) => each.slice)) state.specs.release(task.spec);
    return;
  }
  for (const each of reading.slices) apply.acceptSlice(each.slice, each.record);
  answerAccepted(apply, reading.event);
}

/** True while there are steps to be taken for lists alone. */
export function hasLists({ readings, slices }: ManagerState): boolean {
  return readings.length > 0 || slices.length > 0;
}

/** False when there was none left. */
function readSlice({ settings, specs }: ManagerState, { event, at, firstSeq, slices }: ListReading): boolean {
  const from = slices.length * settings.sliceTasks;
  const slice = event.tasks.slice(from, from + settings.sliceTasks).map(({ id, name, document }, index): Task => {
    return accepted({ id, name, seq: firstSeq + from + index, spec: specs.acquire(specOf(document)), at });
  });
  if (slice.length === 0) return false;
  slices.push({ slice, record: encodeSlice(slice) });
  return true;
}
