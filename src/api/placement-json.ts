/** Why a task is where it is, or nowhere: `GET /tasks/{id}/placement`. */
import { Type } from "typebox";
import type { Decision, Rejection } from "../scheduler/scheduler.ts";
import type { TaskId } from "../task/id.ts";
import { IsoTime, isoTime, Nullable } from "./json-types.ts";

const Quantity = Type.Union([Type.Number(), Type.String()]);

export const RejectionJsonSchema = Type.Object({
  filter: Type.String(),
  needs: Quantity,
  has: Quantity,
  message: Type.String(),
});

/** Costs of nodes, the best first. */
export const CostsJsonSchema = Type.Array(
  Type.Object({ node: Type.String(), cost: Type.Number(), terms: Type.Record(Type.String(), Type.Number()) }),
);

/** Nodes that will not do, each with every respect in which. */
export const RejectedJsonSchema = Type.Array(
  Type.Object({ node: Type.String(), filters: Type.Array(RejectionJsonSchema) }),
);

export const RejectedByJson = Type.Record(Type.String(), Type.Integer(), {
  description: "How many nodes each filter rejected",
});

export const WouldFitIfJson = Nullable(
  Type.String({ description: "The smallest single change that would let the task in" }),
);

export const PlacementJsonSchema = Type.Object({
  taskId: Type.String(),
  attempt: Type.Integer(),
  scheduler: Type.String(),
  decidedAt: IsoTime,
  considered: Type.Integer(),
  chosen: Nullable(Type.String({ description: "Name of the node" })),
  costs: CostsJsonSchema,
  rejected: RejectedJsonSchema,
  rejectedBy: RejectedByJson,
  wouldFitIf: WouldFitIfJson,
});

export type PlacementJson = Type.Static<typeof PlacementJsonSchema>;
export type RejectionJson = Type.Static<typeof RejectionJsonSchema>;

export interface PlacementFacts {
  readonly attempt: number;
  /** Wall clock, milliseconds. */
  readonly decidedAt: number;
  readonly decision: Decision;
  readonly chosenName: string | undefined;
}

export function placementJson(
  taskId: TaskId,
  { attempt, decidedAt, decision, chosenName }: PlacementFacts,
): PlacementJson {
  return {
    taskId,
    attempt,
    scheduler: decision.scheduler,
    decidedAt: isoTime(decidedAt),
    considered: decision.considered,
    chosen: chosenName ?? null,
    ...verdictsJson(decision),
  };
}

type Verdicts = "costs" | "rejected" | "rejectedBy" | "wouldFitIf";

/** What each node costs, or what keeps the task from it. */
export function verdictsJson({
  costs,
  rejected,
  rejectedBy,
  wouldFitIf,
}: Pick<Decision, Verdicts>): Pick<PlacementJson, Verdicts> {
  return {
    costs: costs.map(({ node, cost, terms }) => ({ node, cost, terms: { ...terms } })),
    rejected: rejected.map(({ node, filters }) => ({ node, filters: filters.map(rejectionJson) })),
    rejectedBy: { ...rejectedBy } as Record<string, number>,
    wouldFitIf: wouldFitIf ?? null,
  };
}

export function rejectionJson({ filter, needs, has, message }: Rejection): RejectionJson {
  return { filter, needs, has, message };
}
