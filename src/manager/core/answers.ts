/** What requests are answered: once under each idempotency key, and all of a list or none. */
import type { TaskId } from "../../task/id.ts";
import type { Applier } from "./apply.ts";
import type { IdempotencyKey, ManagerEvent } from "./events.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

/** True when the request has its answer: it is a repeat, or ids that are taken refuse all of it. */
export function isAnswered(apply: Applier, event: Of<"tasksSubmitted">): boolean {
  if (isRepeat(apply, event)) return true;
  const { state } = apply;
  const { request, tasks, endedIds } = event;
  const taken: TaskId[] = [];
  for (const { id } of tasks) if (state.tasks.has(id) || endedIds.has(id) || state.endedRecently(id)) taken.push(id);
  if (taken.length > 0) apply.reply(request, { kind: "idTaken", ids: taken });
  return taken.length > 0;
}

export function answerAccepted(apply: Applier, { request, tasks, idempotency }: Of<"tasksSubmitted">): void {
  const ids = tasks.map(({ id }) => id);
  remember(apply, idempotency, ids);
  apply.reply(request, { kind: "accepted", ids });
}

/** True when the request was answered before under its key, and is answered the same way now, or refused. */
export function isRepeat(
  apply: Applier,
  { request, idempotency }: Of<"tasksSubmitted"> | Of<"restartRequested">,
): boolean {
  const { state, now } = apply;
  const earlier = idempotency === undefined ? undefined : state.idempotency.get(idempotency.key);
  if (earlier === undefined || now.wall - earlier.at >= state.settings.idempotencyMs) return false;
  const isSame = earlier.digest === idempotency?.digest;
  apply.reply(request, isSame ? { kind: "accepted", ids: earlier.ids } : { kind: "idempotencyMismatch" });
  return true;
}

export function remember(apply: Applier, idempotency: IdempotencyKey | undefined, ids: readonly TaskId[]): void {
  if (idempotency === undefined) return;
  apply.idempotency(idempotency.key, { digest: idempotency.digest, ids, at: apply.now.wall });
}

/** Forgets the answers that are older than a repeat may be. */
export function forgetOldAnswers(apply: Applier): void {
  const { state, now } = apply;
  for (const [key, { at }] of state.idempotency) {
    if (now.wall - at < state.settings.idempotencyMs) break;
    apply.idempotency(key, undefined);
  }
}
