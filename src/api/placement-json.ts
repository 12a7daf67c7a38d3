/** Why a task is where it is, or nowhere: `GET /tasks/{id}/placement`. */
import { Type } from "typebox";
import type { Decision } from "../scheduler/scheduler.ts";
import type { TaskId } from "../task/id.ts";
import { IsoTime, isoTime, Nullable } from "./json-types.ts";

const Quantity = Type.Union([Type.Number(), Type.String()]);

export const PlacementJsonSchema = Type.Object({
  taskId: Type.String(),
  attempt: Type.Integer(),
  scheduler: Type.String(),
  decidedAt: IsoTime,
  considered: Type.Integer(),
  chosen: Nullable(Type.String({ description: "Name of the node" })),
  costs: Type.Array(
    Type.Object({ node: Type.String(), cost: Type.Number(), terms: Type.Record(Type.String(), Type.Number()) }),
  ),
  rejected: Type.Array(
    Type.Object({
      node: Type.String(),
      filters: Type.Array(
        Type.Object({ filter: Type.String(), needs: Quantity, has: Quantity, message: Type.String() }),
      ),
    }),
  ),
  wouldFitIf: Nullable(Type.String({ description: "The smallest single change that would let the task in" })),
});

export type PlacementJson = Type.Static<typeof PlacementJsonSchema>;

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
    costs: decision.costs.map(({ node, cost, terms }) => ({ node, cost, terms: { ...terms } })),
    rejected: decision.rejected.map(({ node, filters }) => ({
      node,
      filters: filters.map(({ filter, needs, has, message }) => ({ filter, needs, has, message })),
    })),
    wouldFitIf: decision.wouldFitIf ?? null,
  };
}
