/** The cluster as a whole, and how the manager is. */
import { Type } from "typebox";
import { EventJsonSchema } from "../event-json.ts";
import { LiveFrameSchema } from "../live-json.ts";
import { PlanRequestSchema, PlansJsonSchema } from "../plan-json.ts";
import { EVENT_PARAMETERS } from "../query.ts";
import { ClusterStatsJsonSchema } from "../stats-json.ts";
import { json, NO_PARAMETERS, nothing, type Operation } from "./operation.ts";

export const CLUSTER_OPERATIONS = {
  stats: {
    method: "get",
    path: "/stats",
    tag: "cluster",
    summary: "Show totals of the cluster",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("Tasks by state, nodes, capacity and use", ClusterStatsJsonSchema) },
  },
  events: {
    method: "get",
    path: "/events",
    tag: "cluster",
    summary: "Follow or list the history",
    description:
      "A stream of server-sent events: `id` is the event's `seq`, `data` the event. A stream that was cut off goes on " +
      "without a gap from `Last-Event-ID`; an event of the type `reset` says that history before it is gone, and its " +
      "`data` is `{seq}`, where the stream goes on. With `follow=false` it is a list.",
    access: "read",
    query: EVENT_PARAMETERS,
    headers: ["Last-Event-ID"],
    answers: {
      200: {
        description: "Events, the oldest first",
        content: {
          "application/json": Type.Array(EventJsonSchema),
          "text/event-stream": Type.String(),
        },
        events: EventJsonSchema,
        headers: ["Link"],
      },
    },
  },
  live: {
    method: "get",
    path: "/live",
    tag: "cluster",
    summary: "Follow the whole cluster",
    description:
      "A stream of server-sent events for a page that shows all of the cluster: a snapshot in frames, then frames of what " +
      "changes, a few times a second. Whoever connects again is told everything anew. Made for many rows; to follow single " +
      "tasks, `/events` is simpler.",
    access: "read",
    query: NO_PARAMETERS,
    answers: {
      200: { description: "Frames", content: { "text/event-stream": Type.String() }, events: LiveFrameSchema },
    },
  },
  plan: {
    method: "post",
    path: "/plans",
    tag: "cluster",
    summary: "Work out what would happen",
    description:
      "If these tasks came, and these nodes were drained or lost; under the real scheduler, on a copy of the cluster. " +
      "Nothing comes of it.",
    access: "read",
    query: NO_PARAMETERS,
    body: PlanRequestSchema,
    examples: {
      "where a task would go": { tasks: { image: "birdman/echo", memory: "1GiB" } },
      "room for more": { tasks: { image: "birdman/echo", memory: "1GiB" }, capacity: true },
      "a node drained": { drain: ["worker1"] },
    },
    answers: { 200: json("One plan for each algorithm", PlansJsonSchema) },
    problems: ["node_not_found", "id_taken", "cannot_run", "plan_too_large"],
  },
  releaseBrake: {
    method: "delete",
    path: "/brake",
    tag: "cluster",
    summary: "Take off the brake",
    description: "By which the manager holds back while many nodes are silent together.",
    access: "write",
    query: NO_PARAMETERS,
    answers: { 204: nothing("It is off") },
  },
} as const satisfies Record<string, Operation>;
