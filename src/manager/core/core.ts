/**
 * The manager's core: `step(events, now) → effects`. It touches no clock, no network, no disk; what it is given is all
 * it knows, and what it returns is all it does.
 *
 * The host commits the writes first and lets the rest out only then. When a commit fails, the host throws the core away
 * and builds another from the records: what was not committed has not happened.
 */
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Row } from "./recovery.ts";
import type { Now } from "../../utils/clock.ts";
import { unreachable } from "../../utils/assert.ts";
import { forgetOldAnswers } from "./answers.ts";
import { Applier } from "./apply.ts";
import { collect } from "./collection.ts";
import type { Effects, ManagerEvent } from "./events.ts";
import { releaseBrake } from "./brake.ts";
import { continueDrains } from "./drains.ts";
import { continueLists, hasLists } from "./lists.ts";
import { removeNode, setAvailability } from "./nodes.ts";

import { placeTasks } from "./placement.ts";
import { holdNodes } from "./room.ts";
import { beginEpoch, recover } from "./recovery.ts";
import { watchNodes } from "./liveness.ts";
import { closeSession, takeFrame, takeHello } from "./sessions.ts";
import type { ManagerState, StateOptions } from "./state.ts";
import { requestStream } from "./streams.ts";
import { restartTask, stopTask, submitTasks } from "./submission.ts";

export interface CoreOptions extends StateOptions {
  /** All rows of a table, in the order of their keys. */
  readonly rows: (table: string) => Iterable<Row>;
  /** The row with the greatest key of a table. */
  readonly lastRow: (table: string) => Row | undefined;
  /** For a store that has none yet. */
  readonly newClusterId: string;
}

export class ManagerCore {
  /** To read: nothing outside this core changes it. */
  readonly state: ManagerState;
  #hasBegun = false;

  /** Reads everything back; the first step begins a new epoch. */
  constructor(options: CoreOptions, now: Now) {
    this.state = recover(options, now);
  }

  /** Takes the events as one: what they change is one commit. */
  step(events: readonly ManagerEvent[], now: Now): Effects {
    const apply = new Applier(this.state, now);
    if (!this.#hasBegun) beginEpoch(apply);
    this.#hasBegun = true;
    let isTick = false;
    for (const event of events) {
      if (event.kind === "ticked") isTick = true;
      else this.#take(apply, event);
    }
    if (isTick) {
      watchNodes(apply);
      forgetOldAnswers(apply);
      holdNodes(apply);
    }
    continueLists(apply);
    continueDrains(apply);
    placeTasks(apply);
    return apply.finish();
  }

  /** True for an id that this core need not look up in the store. */
  isLive(id: TaskId): boolean {
    return this.state.tasks.has(id);
  }

  /** Measured use of the task's current attempt. */
  useOf(task: Task): { readonly cpu: number; readonly memory: number } | undefined {
    return this.state.nodeOf(task)?.taskUse.get(task.id);
  }

  /** The clock moment of the next thing to be done without an event, milliseconds on `mono`; it may have passed. */
  nextWake(): number | undefined {
    const isUnderWay = hasLists(this.state) || this.state.dueSessions.size > 0 || this.state.pending.isOpen;
    return isUnderWay ? Number.NEGATIVE_INFINITY : this.state.wakes.peek()?.atMono;
  }

  #take(apply: Applier, event: Exclude<ManagerEvent, { kind: "ticked" }>): void {
    switch (event.kind) {
      case "tasksSubmitted":
        return submitTasks(apply, event);
      case "stopRequested":
        return stopTask(apply, event);
      case "restartRequested":
        return restartTask(apply, event);
      case "availabilityRequested":
        return setAvailability(apply, event);
      case "nodeRemovalRequested":
        return removeNode(apply, event);
      case "brakeReleaseRequested":
        releaseBrake(apply);
        apply.reply(event.request, { kind: "done" });
        return;
      case "streamRequested":
        return requestStream(apply, event);
      case "helloReceived":
        return takeHello(apply, event);
      case "frameReceived":
        return takeFrame(apply, event);
      case "sessionClosed":
        return closeSession(apply.state, event.session);
      case "recordsExpired":
        return collect(apply, event);
      default:
        return unreachable(event);
    }
  }
}
