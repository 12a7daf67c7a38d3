/** Accepting tasks, and stopping and restarting them at a user's wish. */
import { accepted, completed, moveWanted, stopWanted } from "../../task/lifecycle.ts";
import { specOf } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import { answerAccepted, isAnswered, isRepeat, remember } from "./answers.ts";
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";
import { beginList } from "./lists.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

/** All of the tasks or none: at once, or, of a long list, once it is read (`lists.ts`). */
export function submitTasks(apply: Applier, event: Of<"tasksSubmitted">): void {
  const { state, now } = apply;
  if (isAnswered(apply, event)) return;
  if (event.tasks.length > state.settings.sliceTasks) {
    beginList(apply, event);
    return;
  }
  for (const { id, name, document } of event.tasks) {
    state.lastTaskSeq += 1;
    const spec = state.specs.acquire(specOf(document));
    apply.task(accepted({ id, name, seq: state.lastTaskSeq, spec, at: now.wall }));
  }
  answerAccepted(apply, event);
}

/** A task that waits is completed at once; one that is placed is stopped by its worker, whenever that can be reached. */
export function stopTask(apply: Applier, event: Of<"stopRequested">): void {
  const { state } = apply;
  const task = state.tasks.get(event.task);
  if (task === undefined) {
    apply.reply(event.request, { kind: state.endedRecently(event.task) ? "ended" : "unknown" });
    return;
  }
  apply.reply(event.request, { kind: "done" });
  requestStop(apply, task, event.cause);
}

/** Wants the live task stopped; asking twice changes nothing. */
export function requestStop(apply: Applier, task: Task, cause: string): void {
  const { state, now } = apply;
  if (task.desired === "stop") return;
  if (task.state === "pending") {
    const reason = `${cause} before it was placed`;
    apply.task(completed(stopWanted(task, reason), { exitCode: task.exitCode, reason, at: now.wall }));
    return;
  }
  const node = state.nodeOf(task);
  const isAway = node !== undefined && node.status !== "ready";
  const wait = isAway ? `; waiting for node ${node.name}, which is ${node.status}` : "";
  apply.task(stopWanted(task, `stopping: ${cause}${wait}`));
}

/** Ends the current attempt and has the task placed again; one that waits already is where a restart would bring it. */
export function restartTask(apply: Applier, event: Of<"restartRequested">): void {
  const { state } = apply;
  if (isRepeat(apply, event)) return;
  const task = state.tasks.get(event.task);
  if (task === undefined || task.desired === "stop") {
    const isKnown = task !== undefined || state.endedRecently(event.task);
    apply.reply(event.request, { kind: isKnown ? "ended" : "unknown" });
    return;
  }
  remember(apply, event.idempotency, [task.id]);
  apply.reply(event.request, { kind: "done" });
  if (task.state !== "pending" && task.moving === undefined) {
    apply.task(moveWanted(task, "restarting: requested"));
  }
}
