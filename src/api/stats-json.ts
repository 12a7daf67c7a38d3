/** `GET /stats` of a manager and of a worker. Cores, bytes and, as for every duration of the API, milliseconds. */
import { Type } from "typebox";
import { IsoTime, Nullable, ResourcesJson, TaskCountsJson } from "./json-types.ts";

export const ClusterStatsJsonSchema = Type.Object({
  tasks: TaskCountsJson,
  nodes: Type.Object({ ready: Type.Integer(), unreachable: Type.Integer(), lost: Type.Integer() }),
  capacity: ResourcesJson,
  reserved: ResourcesJson,
  used: ResourcesJson,
  scheduler: Type.String(),
  store: Type.Union([Type.Literal("memory"), Type.Literal("persistent")]),
  uptime: Type.Number({ description: "Milliseconds since this manager started" }),
  brake: Type.Optional(
    Type.Object(
      { since: IsoTime, reason: Type.String() },
      { description: "Only while the manager holds back, since too many nodes are silent together" },
    ),
  ),
});

export type ClusterStatsJson = Type.Static<typeof ClusterStatsJsonSchema>;

export const WorkerStatsJsonSchema = Type.Object({
  node: Type.String(),
  at: IsoTime,
  uptime: Type.Number({ description: "Milliseconds since this worker started" }),
  cpu: Type.Object({
    cores: Type.Number(),
    used: Nullable(Type.Number({ description: "Cores; null before the first measurement" })),
    load: Nullable(Type.Array(Type.Number(), { description: "Load averages of 1, 5 and 15 minutes" })),
  }),
  memory: Type.Object({ total: Type.Number(), available: Type.Number(), used: Type.Number() }),
  disk: Type.Object({ path: Type.String(), total: Type.Number(), available: Type.Number(), used: Type.Number() }),
  tasks: TaskCountsJson,
});

export type WorkerStatsJson = Type.Static<typeof WorkerStatsJsonSchema>;
