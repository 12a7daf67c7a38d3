/** `/tasks`. */
import { Type } from "typebox";
import { UUID_PATTERN } from "../../task/id.ts";
import { EventJsonSchema } from "../event-json.ts";
import { PlacementJsonSchema } from "../placement-json.ts";
import { LOG_PARAMETERS, TASK_PARAMETERS } from "../query.ts";
import { SubmissionSchema } from "../submission-json.ts";
import { TaskJsonSchema } from "../task-json.ts";
import { json, NO_PARAMETERS, nothing, type Operation, plainText } from "./operation.ts";

const TaskIdJson = Type.String({ pattern: UUID_PATTERN });

export const TASK_OPERATIONS = {
  submit: {
    method: "post",
    path: "/tasks",
    tag: "tasks",
    summary: "Submit a task, or a list of them",
    description:
      "A list is accepted whole or not at all, up to 100,000 tasks and 64 MiB. A task that fits no node now is accepted " +
      "and waits. The answer leaves when the tasks are on disk. An event of Cube's is accepted as well; one that stops " +
      "a task is answered with that task.",
    access: "write",
    query: NO_PARAMETERS,
    headers: ["Idempotency-Key", "Prefer"],
    body: SubmissionSchema,
    examples: {
      "a container": { name: "web", image: "nginx:1.29", cpu: 0.5, memory: "256MiB", ports: [{ container: 80 }] },
      "a list": [
        { name: "one", image: "birdman/echo" },
        { name: "two", image: "birdman/echo" },
      ],
      "a process": { name: "tick", runtime: "process", command: ["sh", "-c", "while sleep 1; do date; done"] },
    },
    answers: {
      201: json(
        "The task; a list for a list. With `Prefer: return=minimal` ids in place of tasks",
        Type.Union([TaskJsonSchema, Type.Array(TaskJsonSchema), TaskIdJson, Type.Array(TaskIdJson)]),
        ["Location", "Preference-Applied"],
      ),
    },
    problems: ["id_taken", "cannot_run", "task_not_found"],
  },
  tasks: {
    method: "get",
    path: "/tasks",
    tag: "tasks",
    summary: "List tasks",
    description: "Newest first, a page at a time. Filters hold together.",
    access: "read",
    query: TASK_PARAMETERS,
    answers: { 200: json("A page of tasks", Type.Array(TaskJsonSchema), ["Link"]) },
  },
  task: {
    method: "get",
    path: "/tasks/{id}",
    tag: "tasks",
    summary: "Show a task",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("The task", TaskJsonSchema) },
  },
  stop: {
    method: "delete",
    path: "/tasks/{id}",
    tag: "tasks",
    summary: "Stop a task",
    description: "Of a task that has ended nothing changes, and that is no error.",
    access: "write",
    query: NO_PARAMETERS,
    answers: { 204: nothing("It is being stopped, or has ended") },
  },
  restart: {
    method: "post",
    path: "/tasks/{id}/restart",
    tag: "tasks",
    summary: "Stop a task and place it again",
    description: "As a new attempt, once the old one is known to have ended.",
    access: "write",
    query: NO_PARAMETERS,
    headers: ["Idempotency-Key"],
    answers: { 202: json("The task, which is being stopped", TaskJsonSchema, ["Location"]) },
    problems: ["task_ended"],
  },
  taskEvents: {
    method: "get",
    path: "/tasks/{id}/events",
    tag: "tasks",
    summary: "Show the history of a task",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("Its events, the oldest first", Type.Array(EventJsonSchema)) },
  },
  placement: {
    method: "get",
    path: "/tasks/{id}/placement",
    tag: "tasks",
    summary: "Explain where a task is",
    description: "Why it is where it is; of a task that waits, what keeps it from each node at this moment.",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("The decision", PlacementJsonSchema) },
  },
  logs: {
    method: "get",
    path: "/tasks/{id}/logs",
    tag: "tasks",
    summary: "Read the output of a task",
    description: "From whichever node it runs on, no faster than it is read.",
    access: "read",
    query: LOG_PARAMETERS,
    answers: {
      200: plainText("What the task wrote; with `follow` it goes on until the task ends", ["Birdman-Missing"]),
    },
    problems: ["no_output"],
  },
  exec: {
    method: "get",
    path: "/tasks/{id}/exec",
    tag: "tasks",
    summary: "Run a command inside a task",
    description:
      "Over a WebSocket. Text messages are JSON: the first is `{kind: start, request: {command, terminal?, stdin?, user?, " +
      "workingDir?, env?}}`, later ones `{kind: resize, size: {columns, rows}}`, `{kind: signal, signal}` and " +
      "`{kind: end}`, after which there is no more input; the last that comes back is `{kind: exited, exitCode}` or " +
      "`{kind: failed, detail}`. Binary messages are input, and output with a first byte of 1 for standard output and 2 for " +
      "standard error.",
    access: "exec",
    query: NO_PARAMETERS,
    answers: { 101: nothing("From here on it is a WebSocket") },
    problems: ["not_running", "upgrade_required"],
  },
} as const satisfies Record<string, Operation>;
