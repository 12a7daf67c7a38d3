/** Asking a worker for a stream; the bytes themselves pass the core by. */
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";

export function requestStream(
  apply: Applier,
  { request, task: id, stream, options }: Extract<ManagerEvent, { kind: "streamRequested" }>,
): void {
  const { state } = apply;
  const task = state.tasks.get(id);
  if (task === undefined) {
    const reason = "the task has ended, and its container is gone";
    apply.reply(request, state.endedRecently(id) ? { kind: "unavailable", reason } : { kind: "unknown" });
    return;
  }
  const node = state.nodeOf(task);
  if (node === undefined || task.attempt === 0) {
    apply.reply(request, { kind: "unavailable", reason: "the task has not been placed yet: it has no output" });
    return;
  }
  if (node.session === undefined) {
    apply.reply(request, {
      kind: "unavailable",
      reason: `node ${node.name} is not connected: its output cannot be read now`,
    });
    return;
  }
  node.session.stream({ stream, kind: "logs", task: id, attempt: task.attempt, options });
  apply.reply(request, { kind: "done" });
}
