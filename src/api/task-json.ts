/** A task as the API shows it. */
import { Type } from "typebox";
import type { TaskUse } from "../node/node.ts";
import { type SpecDocument, TaskDocumentSchema } from "../task/document.ts";
import { publicDocument, type TaskSpec } from "../task/spec.ts";
import type { Task } from "../task/task.ts";
import { IsoTime, isoTime, isoTimeOrNull, Nullable, StateJson } from "./json-types.ts";

export const PortBindingJsonSchema = Type.Object({
  container: Type.Integer(),
  host: Type.Integer(),
  protocol: Type.Union([Type.Literal("tcp"), Type.Literal("udp")]),
  address: Type.String(),
});

export const TaskJsonSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  spec: TaskDocumentSchema,
  state: StateJson,
  desired: Type.Union([Type.Literal("run"), Type.Literal("stop")]),
  node: Nullable(Type.String({ description: "Name of the node of the current or the last attempt" })),
  attempt: Type.Integer(),
  restarts: Type.Integer(),
  containerId: Nullable(Type.String()),
  ports: Type.Array(PortBindingJsonSchema),
  health: Type.Union([
    Type.Literal("none"),
    Type.Literal("starting"),
    Type.Literal("healthy"),
    Type.Literal("unhealthy"),
  ]),
  exitCode: Nullable(Type.Integer()),
  reason: Type.String({ description: "Why it is in this state, in a sentence" }),
  used: Nullable(Type.Object({ cpu: Type.Number(), memory: Type.Number() })),
  createdAt: IsoTime,
  scheduledAt: Nullable(IsoTime),
  startedAt: Nullable(IsoTime),
  finishedAt: Nullable(IsoTime),
});

export type TaskJson = Type.Static<typeof TaskJsonSchema>;

/** A task with what is known of it but not kept. */
export interface TaskFacts {
  readonly task: Task;
  readonly nodeName: string | undefined;
  readonly used: TaskUse | undefined;
}

export function taskJson({ task, nodeName, used }: TaskFacts): TaskJson {
  return {
    id: task.id,
    name: task.name,
    spec: { id: task.id, name: task.name, ...shown(task.spec) },
    state: task.state,
    desired: task.desired,
    node: nodeName ?? null,
    attempt: task.attempt,
    restarts: task.restarts,
    containerId: task.containerId ?? null,
    ports: task.ports.map(({ container, host, protocol, address }) => ({ container, host, protocol, address })),
    health: task.health,
    exitCode: task.exitCode ?? null,
    reason: task.reason,
    used: used === undefined ? null : { cpu: used.cpu, memory: used.memory },
    createdAt: isoTime(task.createdAt),
    scheduledAt: isoTimeOrNull(task.scheduledAt),
    startedAt: isoTimeOrNull(task.startedAt),
    finishedAt: isoTimeOrNull(task.finishedAt),
  };
}

/** Many tasks share a spec; what is shown of it is worked out once. */
const shownSpecs = new WeakMap<TaskSpec, SpecDocument>();

function shown(spec: TaskSpec): SpecDocument {
  const known = shownSpecs.get(spec) ?? publicDocument(spec.document);
  shownSpecs.set(spec, known);
  return known;
}
