/**
 * What Birdman says of a task, held against what the task's own runs wrote down and what the suite did to them: its exit
 * code, how often it ran, that it never ran twice at once where it must not, and that its history is whole.
 */
import type { EventJson } from "../../src/api/event-json.ts";
import type { TaskJson } from "../../src/api/task-json.ts";
import type { Injuries } from "./injuries.ts";
import type { JournalEntry, JournalRun } from "./journal.ts";
import type { Accepted } from "./user.ts";

export interface Testimony {
  readonly task: TaskJson;
  readonly history: readonly EventJson[];
  readonly journal: JournalEntry;
  readonly injuries: Injuries;
}

/** Exit codes of a run that was cut short: killed, terminated, or unknown since its container was removed. */
const CUT_SHORT = [137, 143, 255, null];

/** The moves that design and contract allow. */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  "": ["pending"],
  pending: ["scheduled", "completed"],
  scheduled: ["running", "completed", "failed", "pending"],
  running: ["completed", "failed", "pending"],
  completed: [],
  failed: [],
};

/** Sentences about what cannot be true; none when all is well. */
export function contradictions(accepted: Accepted, testimony: Testimony): string[] {
  const isOver = testimony.task.state === "completed" || testimony.task.state === "failed";
  return [
    ...testimony.journal.overlaps.map((line) => `it ran twice at the same time: ${line}`),
    ...historyFaults(testimony),
    ...excessRuns(accepted, testimony),
    ...(isOver ? falseEnd(accepted, testimony) : []),
  ];
}

function historyFaults({ task, history }: Testimony): string[] {
  const faults: string[] = [];
  let state = "";
  let attempt = 0;
  for (const event of history) {
    if (event.to === null || event.to === event.from) continue;
    const before = event.from ?? "";
    if (before !== state)
      faults.push(`its history says that it went from ${before} to ${event.to} when it was ${state}`);
    if (MOVES[state]?.includes(event.to) !== true) faults.push(`its history has it go from ${state} to ${event.to}`);
    if (event.attempt !== null && event.attempt < attempt) {
      faults.push(`its history goes back from attempt ${String(attempt)} to ${String(event.attempt)}`);
    }
    state = event.to;
    attempt = event.attempt ?? attempt;
  }
  if (state !== task.state) faults.push(`its history ends with ${state}, and it is ${task.state}`);
  return faults;
}

/**
 * No attempt begins more runs than its restart policy allows; but a run whose container somebody removed before its worker
 * had seen it, since that was away, is none that anybody could have counted.
 */
function excessRuns({ planned }: Accepted, { task, history, journal, injuries }: Testimony): string[] {
  const { policy, attempts = 3 } = planned.document.restart ?? {};
  if (policy === "always") return [];
  const most = (policy === "never" ? 1 : attempts + 1) + injuries.handsOn(task.id);
  const counted = journal.runs.filter((run, index) => {
    const again = journal.runs.slice(index + 1).find(({ container }) => container === run.container);
    const node = history.findLast((event) => event.attempt === run.attempt && event.node !== null)?.node ?? "";
    // The engine was killed before it wrote down that the container had begun, and began it anew.
    return again === undefined || !injuries.wasEngineAway(node, run.startedAt, again.startedAt);
  });
  return [...Map.groupBy(counted, ({ attempt }) => attempt)]
    .filter(([, runs]) => runs.length > most)
    .map(
      ([attempt, runs]) => `attempt ${String(attempt)} ran ${String(runs.length)} times, allowed are ${String(most)}`,
    );
}

function falseEnd({ planned, isStopped }: Accepted, testimony: Testimony): string[] {
  const { task, journal } = testimony;
  if (planned.fate.kind === "unstartable") {
    return journal.runs.length > 0 || task.exitCode === 0 ? ["it could not be started, and yet ran"] : [];
  }
  const last = journal.runs.findLast(({ attempt }) => attempt === task.attempt);
  const said = `it is ${task.state} in attempt ${String(task.attempt)} with exit code ${String(task.exitCode)}`;
  // The engine was killed in the middle of a start, and what it left is in the way: whether that ran, it does not know.
  if (task.state === "failed" && /the engine cannot start it: task \w+: already exists/.test(task.reason)) return [];
  if (last?.end !== undefined) return endedByItself({ said, isStopped }, last.end.code, testimony);
  if (isStopped && task.state === "completed") {
    const isTold = CUT_SHORT.includes(task.exitCode) || isForgotten(testimony);
    return isTold ? [] : [`${said}, but its last run was stopped`];
  }
  if (last === undefined) return [`${said}, but that attempt never ran`];
  return cutShort(said, last, testimony);
}

interface Said {
  readonly said: string;
  readonly isStopped: boolean;
}

/** Its last run came to its end, with the code. */
function endedByItself({ said, isStopped }: Said, code: number, testimony: Testimony): string[] {
  const { task } = testimony;
  if (isForgotten(testimony)) return [];
  const isTrue = task.exitCode === code || (isStopped && task.exitCode === null);
  if (!isTrue) return [`${said}, but ended with ${String(code)}`];
  const expected = code === 0 ? "completed" : "failed";
  return task.state === expected || isStopped ? [] : [`${said}, which is not ${expected}`];
}

/** What an engine tells of a container whose exit code it does not know. */
const FORGOTTEN = [0, 255];

/**
 * An engine that is killed between the end of a container and writing it down does not know the exit code when it is back,
 * and does not say so.
 */
function isForgotten({ task, injuries }: Testimony): boolean {
  const { exitCode, node, finishedAt } = task;
  if (exitCode === null || node === null || !FORGOTTEN.includes(exitCode)) return false;
  const endedAt = Date.parse(finishedAt ?? "");
  return injuries.wasEngineAway(node, endedAt, endedAt);
}

/** Its last run did not come to its end, and nobody had asked for that. */
function cutShort(said: string, last: JournalRun, testimony: Testimony): string[] {
  const { task, injuries } = testimony;
  if (isForgotten(testimony)) return [];
  if (task.state === "completed" || !CUT_SHORT.includes(task.exitCode)) {
    return [`${said}, but its last run did not come to its end`];
  }
  const finishedAt = Date.parse(task.finishedAt ?? "");
  return injuries.wasHurt(task, last.startedAt, finishedAt) ? [] : [`${said}, and nobody killed it`];
}
