/**
 * Cube's wire format as schemas: the events that come in and what `/classic` answers. Keys and units are Cube's; times
 * are RFC 3339, the year 1 where there is none.
 */
import { Type } from "typebox";
import { UUID_PATTERN } from "../task/id.ts";
import { Nullable } from "./json-types.ts";

const PortKey = "^[0-9]{1,5}(/(tcp|udp))?$";
const Uuid = Type.String({ pattern: UUID_PATTERN });
const Ignored = (description: string) => Type.Optional(Type.Unknown({ description }));

const ExposedPorts = Type.Record(Type.String({ pattern: PortKey }), Type.Object({}), {
  description: "All of them are published",
});
const PortBindings = Type.Record(
  Type.String({ pattern: PortKey }),
  Type.String({ pattern: "^[0-9]{0,5}$", description: "The port of the node that is preferred" }),
);

/** Of the `Task` of an event: keys may stand in any case, and null means absent. */
export const ClassicDocumentSchema = Type.Object({
  ID: Type.Optional(Uuid),
  Name: Type.Optional(Type.String()),
  Image: Type.Optional(Type.String()),
  Cpu: Type.Optional(Type.Number({ description: "Cores" })),
  Memory: Type.Optional(Type.Number({ description: "Bytes" })),
  Disk: Type.Optional(Type.Number({ description: "Bytes" })),
  ExposedPorts: Type.Optional(ExposedPorts),
  PortBindings: Type.Optional(PortBindings),
  RestartPolicy: Type.Optional(
    Type.Enum(["", "no", "always", "unless-stopped", "on-failure"], { type: "string" as const }),
  ),
  HealthCheck: Type.Optional(Type.String({ description: "A path on the first exposed port" })),
  State: Ignored("Ignored, as all that follows"),
  ContainerID: Ignored("Ignored"),
  HostPorts: Ignored("Ignored"),
  StartTime: Ignored("Ignored"),
  FinishTime: Ignored("Ignored"),
  RestartCount: Ignored("Ignored"),
});

export const ClassicEventSchema = Type.Object(
  {
    ID: Type.Optional(Type.Unknown({ description: "Identifies nothing" })),
    State: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 4, description: "3 stops the task named by `Task.ID`; all others start it" }),
    ),
    Timestamp: Type.Optional(Type.String()),
    Task: ClassicDocumentSchema,
  },
  { description: "A task event of Cube's, as its files and its command line write it" },
);

export const ClassicTaskSchema = Type.Object({
  ID: Type.String(),
  ContainerID: Type.String(),
  Name: Type.String(),
  State: Type.Integer({ description: "pending 0, scheduled 1, running 2, completed 3, failed 4" }),
  Image: Type.String(),
  Cpu: Type.Number({ description: "Cores" }),
  Memory: Type.Number({ description: "Bytes" }),
  Disk: Type.Number({ description: "Bytes" }),
  ExposedPorts: Nullable(Type.Record(Type.String(), Type.Object({}))),
  PortBindings: Nullable(Type.Record(Type.String(), Type.String())),
  HostPorts: Nullable(
    Type.Record(Type.String(), Type.Array(Type.Object({ HostIp: Type.String(), HostPort: Type.String() }))),
  ),
  RestartPolicy: Type.String(),
  StartTime: Type.String({ format: "date-time" }),
  FinishTime: Type.String({ format: "date-time" }),
  HealthCheck: Type.String(),
  RestartCount: Type.Integer(),
});

/** The part of Cube's statistics that has a counterpart here; its keys are those of goprocinfo, memory in kB. */
export const ClassicStatsSchema = Type.Object({
  MemStats: Type.Object({ mem_total: Type.Number(), mem_free: Type.Number(), mem_available: Type.Number() }),
  DiskStats: Type.Object({
    all: Type.Number(),
    used: Type.Number(),
    free: Type.Number(),
    freeInodes: Type.Number(),
  }),
  CpuStats: Type.Null(),
  LoadStats: Type.Object({ last1min: Type.Number(), last5min: Type.Number(), last15min: Type.Number() }),
  TaskCount: Type.Integer(),
});

export const ClassicNodeSchema = Type.Object({
  Name: Type.String(),
  Ip: Type.String(),
  Api: Type.String({
    description: "Empty: a manager is not told where a worker's own API is; workers dial it, not the other way round",
  }),
  Memory: Type.Number({ description: "kB" }),
  MemoryAllocated: Type.Number({ description: "kB" }),
  Disk: Type.Number({ description: "Bytes" }),
  DiskAllocated: Type.Number({ description: "Bytes" }),
  Stats: Nullable(ClassicStatsSchema),
  Role: Type.Literal("worker"),
  TaskCount: Type.Integer(),
});

/** The body of a refusal. */
export const ClassicErrorSchema = Type.Object({ HTTPStatusCode: Type.Integer(), Message: Type.String() });

export type ClassicTask = Type.Static<typeof ClassicTaskSchema>;
export type ClassicNode = Type.Static<typeof ClassicNodeSchema>;
export type ClassicStats = Type.Static<typeof ClassicStatsSchema>;
export type ClassicError = Type.Static<typeof ClassicErrorSchema>;
