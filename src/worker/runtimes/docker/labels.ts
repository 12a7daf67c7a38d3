/**
 * The labels by which the engine itself is the record of a worker's containers: whose they are, which run of which
 * attempt, and the task's spec without its secrets, so that a worker which lost its own record can adopt them.
 */
import { Value } from "typebox/value";
import { TaskDocumentSchema } from "../../../task/document.ts";
import { parseTaskId } from "../../../task/id.ts";
import { instanceName, type InstanceLabel, type InstanceRef, type StartRequest } from "../runtime.ts";

export const WORKER_LABEL = "birdman.worker";
const TASK = "birdman.task";
const ATTEMPT = "birdman.attempt";
const RESTART = "birdman.restart";
const NAME = "birdman.name";
const LOCAL = "birdman.local";
const CREATED_AT = "birdman.created-at";
const SPEC = "birdman.spec";

export type Labels = Readonly<Record<string, string>>;

/** The labels of a container: the user's, then ours, which win. */
export function labelsOf(workerId: string, { ref, spec, label }: StartRequest): Record<string, string> {
  return {
    ...spec.document.labels,
    [WORKER_LABEL]: workerId,
    [TASK]: ref.task,
    [ATTEMPT]: String(ref.attempt),
    [RESTART]: String(ref.restart),
    [NAME]: label.name,
    [LOCAL]: String(label.local),
    [CREATED_AT]: String(label.createdAt),
    [SPEC]: JSON.stringify(label.spec),
  };
}

/**
 * Which run of which attempt a container is; undefined when the labels do not say, or it does not have that run's name:
 * somebody made it of an image that was committed from one of ours, which hands on the labels.
 */
export function refOf(labels: Labels, containerName: string): InstanceRef | undefined {
  const task = parseTaskId(labels[TASK] ?? "");
  const attempt = wholeNumber(labels[ATTEMPT]);
  const restart = wholeNumber(labels[RESTART]);
  if (task === undefined || attempt === undefined || restart === undefined) return undefined;
  const ref = { task, attempt, restart };
  return containerName === instanceName(ref) ? ref : undefined;
}

/** What the worker said of the task; undefined when it is not there or cannot be understood. */
export function instanceLabelOf(labels: Labels): InstanceLabel | undefined {
  const name = labels[NAME];
  const createdAt = wholeNumber(labels[CREATED_AT]);
  const spec = parseJson(labels[SPEC] ?? "");
  if (name === undefined || createdAt === undefined || !Value.Check(TaskDocumentSchema, spec)) return undefined;
  return { name, local: labels[LOCAL] === "true", createdAt, spec };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
