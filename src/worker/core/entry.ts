/**
 * One attempt at its worker: what was asked, which run of it is current, and where that stands.
 *
 * ```
 *            ┌────────── waiting (backoff) ◀─────────┐
 *            ▼                                       │
 *  admitted ▶ starting ──▶ running ──▶ stopping ─────┤
 *               │            │            │          │
 *               └────────────┴─▶ ending ──┴──▶ ended ▶ discarded
 * ```
 * An entry lives until its result is taken by a manager, or too old to keep.
 */
import type { SpecDocument } from "../../task/document.ts";
import type { RunExit } from "./events.ts";
import { attemptKey, type AttemptKey, type TaskId } from "../../task/id.ts";
import { documentText, type TaskSpec } from "../../task/spec.ts";
import type { Health, PortBinding } from "../../task/task.ts";

export type Phase =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly sinceMono: number }
  /** Between two runs. */
  | { readonly kind: "waiting"; readonly untilMono: number }
  /** Over for good; its last lines are being read. */
  | { readonly kind: "ending"; readonly exit: RunExit }
  /** Being stopped: for good, or to be started again. */
  | { readonly kind: "stopping"; readonly next: "end" | "restart" }
  | { readonly kind: "ended"; readonly result: Result };

export interface Result {
  /** `released`: ended as a manager ordered, or since the lease ran out; whether that ends the task is the manager's to say. */
  readonly state: "completed" | "failed" | "released";
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly fatal: boolean;
  readonly finishedAt: number;
  readonly output: string | undefined;
}

export interface HealthState {
  readonly health: Health;
  /** Failures in a row. */
  readonly failures: number;
  readonly isProbing: boolean;
  /** Failures do not count before this moment. */
  readonly graceUntilMono: number;
}

export interface Entry {
  readonly key: AttemptKey;
  readonly id: TaskId;
  readonly attempt: number;
  readonly name: string;
  readonly createdAt: number;
  readonly spec: TaskSpec;
  /** Started here directly and not adopted by a manager yet. */
  local: boolean;
  phase: Phase;
  /** Number of the current run. */
  restarts: number;
  /** Wall clock of the restarts within the policy's window. */
  restartTimes: readonly number[];
  /** Chosen for the attempt, kept over its restarts. */
  ports: readonly PortBinding[];
  /** Number of the newest run that is known to have begun, which so must not begin again; -1 when none is. */
  begunRun: number;
  containerId: string | undefined;
  startedAt: number | undefined;
  health: HealthState;
  /** It is to stop for good: why. */
  stopReason: string | undefined;
  /** It is to stop since the lease ran out, which is no end of the task. */
  isReleased: boolean;
  /** Somebody asked here for a manager's task to be stopped; passed on until the manager orders it. */
  isStopRequested: boolean;
  /** Times the ports had to be chosen anew for the current run. */
  portTries: number;
  /** Read back after a start of the worker and not yet compared with what the runtime has. */
  isRecovered: boolean;
  reason: string;
}

export const NO_HEALTH: HealthState = { health: "none", failures: 0, isProbing: false, graceUntilMono: 0 };

export interface NewEntry {
  readonly id: TaskId;
  readonly attempt: number;
  readonly name: string;
  readonly createdAt: number;
  readonly spec: TaskSpec;
  readonly local: boolean;
  readonly ports: readonly PortBinding[];
}

export function newEntry(from: NewEntry): Entry {
  return {
    ...from,
    key: attemptKey(from.id, from.attempt),
    phase: { kind: "starting" },
    restarts: 0,
    restartTimes: [],
    begunRun: -1,
    containerId: undefined,
    startedAt: undefined,
    health: NO_HEALTH,
    stopReason: undefined,
    isReleased: false,
    isStopRequested: false,
    portTries: 0,
    isRecovered: false,
    reason: "starting",
  };
}

/** What is kept on disk of an entry: enough to find its runs again, or to start it after a reboot. */
interface StoredEntry {
  readonly id: TaskId;
  readonly attempt: number;
  readonly name: string;
  readonly createdAt: number;
  readonly spec: SpecDocument;
  readonly local: boolean;
  readonly ports: readonly PortBinding[];
  readonly restarts: number;
  readonly restartTimes: readonly number[];
  readonly begunRun?: number;
  readonly startedAt?: number;
  readonly stopReason?: string;
  readonly isReleased?: boolean;
  readonly isStopRequested: boolean;
  /** Its last run is over and the next one counted, but not begun. */
  readonly isWaiting?: boolean;
  readonly result?: Result;
}

export function encodeEntry(entry: Entry): string {
  const stored: Omit<StoredEntry, "spec"> = {
    id: entry.id,
    attempt: entry.attempt,
    name: entry.name,
    createdAt: entry.createdAt,
    local: entry.local,
    ports: entry.ports,
    restarts: entry.restarts,
    restartTimes: entry.restartTimes,
    isStopRequested: entry.isStopRequested,
    begunRun: entry.begunRun,
    ...(entry.startedAt === undefined ? {} : { startedAt: entry.startedAt }),
    ...(entry.stopReason === undefined ? {} : { stopReason: entry.stopReason }),
    ...(entry.isReleased ? { isReleased: true } : {}),
    ...(entry.phase.kind === "waiting" ? { isWaiting: true } : {}),
    ...(entry.phase.kind === "ended" ? { result: entry.phase.result } : {}),
  };
  return `{"spec":${documentText(entry.spec)},${JSON.stringify(stored).slice(1)}`;
}

export function decodeEntry(text: string, spec: (document: SpecDocument) => TaskSpec): Entry {
  const stored = JSON.parse(text) as StoredEntry;
  const { result } = stored;
  return {
    ...newEntry({ ...stored, spec: spec(stored.spec) }),
    restarts: stored.restarts,
    restartTimes: stored.restartTimes,
    begunRun: stored.begunRun ?? -1,
    startedAt: stored.startedAt,
    stopReason: stored.stopReason,
    isReleased: stored.isReleased === true,
    isStopRequested: stored.isStopRequested,
    isRecovered: true,
    phase: phaseOf(stored),
    reason: result?.reason ?? "found again after a restart of the worker",
  };
}

function phaseOf({ result, isWaiting }: StoredEntry): Phase {
  if (result !== undefined) return { kind: "ended", result };
  return isWaiting === true ? { kind: "waiting", untilMono: Number.POSITIVE_INFINITY } : { kind: "starting" };
}
