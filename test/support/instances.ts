/** Starting and watching instances of a runtime. */
import { randomUUID } from "node:crypto";
import type { SpecDocument } from "../../src/task/document.ts";
import { parseTaskId, type TaskId } from "../../src/task/id.ts";
import { publicDocument, resolveSpec } from "../../src/task/spec.ts";
import type { Runtime, RuntimeNotice, Started, StartRequest } from "../../src/worker/runtimes/runtime.ts";

/** A request to run the document as the first attempt of a new task. */
export function requestOf(document: SpecDocument): StartRequest {
  const task: TaskId | undefined = parseTaskId(randomUUID());
  if (task === undefined) throw new Error("randomUUID made no UUID");
  return {
    ref: { task, attempt: 1, restart: 0 },
    taskName: `task ${task.slice(0, 8)}`,
    spec: resolveSpec(document),
    ports: [],
    nodeName: "node-of-the-test",
    label: { name: `task ${task.slice(0, 8)}`, local: false, createdAt: Date.now(), spec: publicDocument(document) },
  };
}

/** Starts without an interest in its progress, and within a minute. */
export async function start(runtime: Runtime, request: StartRequest): Promise<Started> {
  return runtime.start(request, () => undefined, AbortSignal.timeout(60_000));
}

/** Everything that the runtime says from now on, in a list that grows. */
export async function watch(runtime: Runtime): Promise<RuntimeNotice[]> {
  const notices: RuntimeNotice[] = [];
  await runtime.watch((notice) => notices.push(notice));
  return notices;
}
