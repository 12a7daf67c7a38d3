/** Accepting tasks, and stopping and restarting them at a user's wish. */
import { accepted, completed, moveWanted, stopWanted } from "../../task/lifecycle.ts";
import { specOf } from "../../task/spec.ts";
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Applier } from "./apply.ts";
import type { IdempotencyKey, ManagerEvent } from "./events.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

/** All of the tasks or none: ids that are taken refuse the whole list. */
export function submitTasks(apply: Applier, event: Of<"tasksSubmitted">): void {
  const { state, now } = apply;
  const { request, tasks, endedIds, idempotency } = event;
  if (isRepeat(apply, event)) return;
  const ids = tasks.map((task) => task.id);
  const taken = ids.filter((id) => state.tasks.has(id) || endedIds.has(id) || state.endedRecently(id));
  if (taken.length > 0) {
    apply.reply(request, { kind: "idTaken", ids: taken });
    return;
  }
  for (const { id, name, document } of tasks) {
    state.lastTaskSeq += 1;
    const spec = state.specs.acquire(specOf(document));
    apply.task(accepted({ id, name, seq: state.lastTaskSeq, spec, at: now.wall }));
  }
  remember(apply, idempotency, ids);
  apply.reply(request, { kind: "accepted", ids });
}

/** True when the request was answered before under its key, and is answered the same way now, or refused. */
function isRepeat(apply: Applier, { request, idempotency }: Of<"tasksSubmitted"> | Of<"restartRequested">): boolean {
  const { state, now } = apply;
  const earlier = idempotency === undefined ? undefined : state.idempotency.get(idempotency.key);
  if (earlier === undefined || now.wall - earlier.at >= state.settings.idempotencyMs) return false;
  const isSame = earlier.digest === idempotency?.digest;
  apply.reply(request, isSame ? { kind: "accepted", ids: earlier.ids } : { kind: "idempotencyMismatch" });
  return true;
}

function remember(apply: Applier, idempotency: IdempotencyKey | undefined, ids: readonly TaskId[]): void {
  if (idempotency === undefined) return;
  apply.idempotency(idempotency.key, { digest: idempotency.digest, ids, at: apply.now.wall });
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

/** Forgets the answers that are older than a repeat may be. */
export function forgetOldAnswers(apply: Applier): void {
  const { state, now } = apply;
  for (const [key, { at }] of state.idempotency) {
    if (now.wall - at < state.settings.idempotencyMs) break;
    apply.idempotency(key, undefined);
  }
}
