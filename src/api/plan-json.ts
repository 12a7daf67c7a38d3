/** What if: the body of `POST /plans`, and its answer. */
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { TaskDocument } from "../task/document.ts";
import { IsoTime, Nullable, ResourcesJson } from "./json-types.ts";
import {
  CostsJsonSchema,
  RejectedJsonSchema,
  RejectionJsonSchema,
  WouldFitIfJson,
  RejectedByJson,
} from "./placement-json.ts";
import { type FieldError, type Problem, problem } from "./problems.ts";
import { schemaErrors } from "./schema-errors.ts";
import { readSubmission, summary } from "./submission.ts";

const Names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 10_000, description }));

export const PlanRequestSchema = Type.Object(
  {
    tasks: Type.Optional(
      Type.Unknown({ description: "One task, a list of them or an event, as the body of POST /tasks" }),
    ),
    drain: Names("Nodes that are drained, by name"),
    lose: Names("Nodes that fall silent and are given up, by name"),
    schedulers: Names("Algorithms to plan with, each for itself; absent: the manager's own"),
    capacity: Type.Optional(
      Type.Boolean({ description: "Not where the tasks would go, but how many more of each there is room for" }),
    ),
  },
  { additionalProperties: false },
);

const TaskJson = Type.Object({
  id: Nullable(Type.String({ description: "Of a task that there is, or that was given with one" })),
  name: Nullable(Type.String()),
  index: Nullable(Type.Integer({ description: "Place in the list that was asked about; null for a task there is" })),
});

export const PlannedPlacementJsonSchema = Type.Object({
  task: TaskJson,
  outcome: Type.Union([Type.Literal("placed"), Type.Literal("waits"), Type.Literal("stays"), Type.Literal("ends")], {
    description:
      "placed on a node; waits, since it fits nowhere; stays, since a drain finds it no other place; ends, since it was to stop anyway",
  }),
  from: Nullable(Type.String({ description: "Name of the node that it is on now" })),
  to: Nullable(Type.String({ description: "Name of the node that it would be on" })),
  afterMs: Nullable(Type.Number({ description: "How long after its node fell silent, milliseconds" })),
  reason: Type.String({ description: "A sentence" }),
  explanation: Nullable(
    Type.Object({
      considered: Type.Integer({ description: "Number of nodes" }),
      costs: CostsJsonSchema,
      rejected: RejectedJsonSchema,
      rejectedBy: RejectedByJson,
      wouldFitIf: WouldFitIfJson,
    }),
  ),
});

const NodeLoadJson = Type.Object({ tasks: Type.Integer(), reserved: ResourcesJson });

export const CapacityJsonSchema = Type.Object({
  task: TaskJson,
  total: Nullable(Type.Integer({ description: "How many more there is room for; null where nothing limits them" })),
  nodes: Type.Array(
    Type.Object({
      node: Type.String(),
      count: Nullable(Type.Integer()),
      limits: Type.Array(RejectionJsonSchema, { description: "What would be in the way of one more" }),
    }),
  ),
  wouldFitIf: WouldFitIfJson,
});

export const PlanJsonSchema = Type.Object({
  scheduler: Type.String(),
  fits: Type.Boolean({ description: "No task would wait or stay, and there is room for what capacity was asked for" }),
  placements: Type.Array(PlannedPlacementJsonSchema, { description: "In the order in which they would be placed" }),
  nodes: Type.Array(
    Type.Object({ name: Type.String(), capacity: ResourcesJson, before: NodeLoadJson, after: NodeLoadJson }),
    { description: "Those that tasks would come to, or go from" },
  ),
  capacity: Type.Array(CapacityJsonSchema, { description: "For each task, where capacity was asked for" }),
});

export const PlansJsonSchema = Type.Object({
  at: IsoTime,
  fits: Type.Boolean({ description: "Under every algorithm" }),
  notes: Type.Array(Type.String({ description: "What else would happen, in a sentence" })),
  plans: Type.Array(PlanJsonSchema, { description: "One for each algorithm" }),
});

export type PlanRequest = Type.Static<typeof PlanRequestSchema>;
export type PlannedPlacementJson = Type.Static<typeof PlannedPlacementJsonSchema>;
export type CapacityJson = Type.Static<typeof CapacityJsonSchema>;
export type PlanJson = Type.Static<typeof PlanJsonSchema>;
export type PlansJson = Type.Static<typeof PlansJsonSchema>;

export type PlanReading =
  | {
      readonly kind: "asked";
      /** Checked in every respect that does not depend on the state of the cluster. */
      readonly documents: readonly TaskDocument[];
      readonly isList: boolean;
      /** Each name once. */
      readonly drain: readonly string[];
      readonly lose: readonly string[];
      readonly schedulers: readonly string[];
      readonly wantsCapacity: boolean;
    }
  | { readonly kind: "refused"; readonly problem: Problem };

const validator = Compile(PlanRequestSchema);

export async function readPlanRequest(body: unknown): Promise<PlanReading> {
  if (!validator.Check(body)) return refused(schemaErrors(PlanRequestSchema, body));
  const { tasks, drain = [], lose = [], schedulers = [], capacity = false } = body;
  const errors = contradictions(body);
  if (errors.length > 0) return refused(errors);
  const rest = { drain: once(drain), lose: once(lose), schedulers: once(schedulers), wantsCapacity: capacity };
  if (tasks === undefined) return { kind: "asked", documents: [], isList: true, ...rest };
  const reading = await readSubmission(tasks);
  switch (reading.kind) {
    case "start":
      return { kind: "asked", documents: reading.documents, isList: reading.isList, ...rest };
    case "stop":
      return refused([{ path: "/tasks", message: "is an event that stops a task: nothing would be placed" }]);
    case "refused":
      return { kind: "refused", problem: below("/tasks", reading.problem) };
  }
}

function contradictions({ tasks, drain = [], lose = [], capacity = false }: PlanRequest): FieldError[] {
  const both = drain.find((name) => lose.includes(name));
  if (both !== undefined) return [{ path: "/lose", message: `${both} cannot be drained and lost at once` }];
  if (capacity && tasks === undefined) return [{ path: "/tasks", message: "is missing: capacity for what?" }];
  if (tasks === undefined && drain.length === 0 && lose.length === 0) {
    return [{ path: "", message: "asks nothing: it needs tasks, or nodes to drain or lose" }];
  }
  return [];
}

function once(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function refused(errors: readonly FieldError[]): PlanReading {
  return { kind: "refused", problem: problem("invalid_body", summary(errors), errors) };
}

/** The problem of a part of a body, as one of the whole. */
export function below(path: string, { code, detail, errors }: Problem): Problem {
  if (errors === undefined) return problem(code, detail);
  const moved = errors.map((error) => ({ path: path + error.path, message: error.message }));
  return problem(code, summary(moved), moved);
}
