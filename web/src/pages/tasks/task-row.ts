/** A task in a list, whether the stream tells of it or it ended and was asked for. */
import type { TaskJson } from "../../../../src/api/task-json.ts";
import type { LiveTask } from "../../live/values.ts";

export interface TaskRow {
  readonly id: string;
  readonly name: string;
  readonly state: TaskJson["state"];
  readonly health: TaskJson["health"];
  readonly isStopping: boolean;
  readonly node: string | undefined;
  readonly runs: string;
  readonly restarts: number;
  readonly reason: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly demand: { readonly cpu: number; readonly memory: number } | undefined;
  /** Since when it has been in its state; wall clock, milliseconds. */
  readonly since: number;
}

export function rowOfLive(task: LiveTask): TaskRow {
  return { ...task, isStopping: task.wish === "stop" };
}

export function rowOfEnded(task: TaskJson): TaskRow {
  const { spec, desired, node, finishedAt, createdAt } = task;
  return {
    ...task,
    isStopping: desired === "stop",
    node: node ?? undefined,
    runs: spec.image ?? spec.command?.join(" ") ?? "",
    labels: spec.labels ?? {},
    demand: undefined,
    since: Date.parse(finishedAt ?? createdAt),
  };
}

/**
 * Whether what was typed means the task. Words have to fit all: `key=value` and `key=` a label, any other a part of the name,
 * the node or the image, or the beginning of the id.
 */
export function meansTask(typed: string): (task: Pick<TaskRow, "id" | "name" | "node" | "runs" | "labels">) => boolean {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const tests = words.map(wordTest);
  return (task) => tests.every((test) => test(task));
}

type Test = (task: Pick<TaskRow, "id" | "name" | "node" | "runs" | "labels">) => boolean;

function wordTest(word: string): Test {
  const equals = word.indexOf("=");
  if (equals > 0) {
    const [key, value] = [word.slice(0, equals), word.slice(equals + 1)];
    return ({ labels }) =>
      Object.entries(labels).some(
        ([label, content]) => label.toLowerCase() === key && (value === "" || content.toLowerCase() === value),
      );
  }
  return ({ id, name, node = "", runs }) =>
    name.toLowerCase().includes(word) ||
    id.startsWith(word) ||
    node.toLowerCase().includes(word) ||
    runs.toLowerCase().includes(word);
}
