/** `/classic`: Cube's own. Refusals have its form too, but for those that HTTP itself is refused with. */
import { Type } from "typebox";
import { ClassicEventSchema, ClassicNodeSchema, ClassicTaskSchema } from "../classic-json.ts";
import { json, nothing, type Operation } from "./operation.ts";

export const CLASSIC_OPERATIONS = {
  classicSubmit: {
    method: "post",
    path: "/classic/tasks",
    tag: "classic",
    summary: "Submit a task as Cube does",
    access: "write",
    headers: ["Idempotency-Key"],
    body: ClassicEventSchema,
    examples: {
      "a task": {
        State: 2,
        Task: {
          ID: "bb1d59ef-9fc1-4e4b-a44d-db571eeed203",
          Name: "echo",
          Image: "birdman/echo",
          ExposedPorts: { "7777/tcp": {} },
        },
      },
      "an end": { State: 3, Task: { ID: "bb1d59ef-9fc1-4e4b-a44d-db571eeed203" } },
    },
    answers: { 201: json("The task", ClassicTaskSchema) },
    problems: ["id_taken", "cannot_run", "task_not_found"],
  },
  classicTasks: {
    method: "get",
    path: "/classic/tasks",
    tag: "classic",
    summary: "List tasks as Cube does",
    access: "read",
    answers: { 200: json("All tasks", Type.Array(ClassicTaskSchema)) },
  },
  classicStop: {
    method: "delete",
    path: "/classic/tasks/{id}",
    tag: "classic",
    summary: "Stop a task as Cube does",
    access: "write",
    answers: { 204: nothing("It is being stopped, or has ended") },
  },
  classicNodes: {
    method: "get",
    path: "/classic/nodes",
    tag: "classic",
    summary: "List nodes as Cube does",
    access: "read",
    answers: { 200: json("All nodes", Type.Array(ClassicNodeSchema)) },
  },
} as const satisfies Record<string, Operation>;
