/** Asking a worker for a stream; what it carries passes the core by. */
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";

export function requestStream(
  apply: Applier,
  { request, task: id, stream, what }: Extract<ManagerEvent, { kind: "streamRequested" }>,
): void {
  const { state } = apply;
  const unavailable = (reason: string): void => apply.reply(request, { kind: "unavailable", reason });
  const task = state.tasks.get(id);
  if (task === undefined) {
    if (state.endedRecently(id)) unavailable("the task has ended, and its container is gone");
    else apply.reply(request, { kind: "unknown" });
    return;
  }
  const node = state.nodeOf(task);
  if (node === undefined || task.attempt === 0) {
    unavailable(`the task has not been placed yet: ${what.kind === "logs" ? "it has no output" : "it does not run"}`);
  } else if (what.kind === "exec" && task.state !== "running") {
    unavailable(`the task is ${task.state}, it does not run: ${task.reason}`);
  } else if (node.session === undefined) {
    unavailable(
      `node ${node.name} is not connected: ${what.kind === "logs" ? "its output cannot be read" : "nothing can be run there"} now`,
    );
  } else {
    node.session.stream({ ...what, stream, task: id, attempt: task.attempt });
    apply.reply(request, { kind: "done" });
  }
}
