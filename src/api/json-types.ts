/** Words of the schemas of what the API answers: every key is always there, null where there is nothing to say. */
import { Type, type TSchema } from "typebox";

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** `2026-11-23T08:00:00.000Z`. */
export const IsoTime = Type.String({ format: "date-time" });

export const ResourcesJson = Type.Object({
  cpu: Type.Number({ description: "Cores" }),
  memory: Type.Number({ description: "Bytes" }),
  disk: Type.Number({ description: "Bytes" }),
});

export const StateJson = Type.Union([
  Type.Literal("pending"),
  Type.Literal("scheduled"),
  Type.Literal("running"),
  Type.Literal("completed"),
  Type.Literal("failed"),
]);

export const TaskCountsJson = Type.Object({
  pending: Type.Integer(),
  scheduled: Type.Integer(),
  running: Type.Integer(),
  completed: Type.Integer(),
  failed: Type.Integer(),
});

/** The furthest moment that a Date can hold, in milliseconds either side of 1970. */
const LAST_MOMENT = 8.64e15;

/** ISO 8601 with milliseconds, of the wall clock in milliseconds. Total: a clock may say anything. */
export function isoTime(wallMs: number): string {
  const moment = Number.isFinite(wallMs) ? Math.min(LAST_MOMENT, Math.max(-LAST_MOMENT, wallMs)) : 0;
  return new Date(moment).toISOString();
}

export function isoTimeOrNull(wallMs: number | undefined): string | null {
  return wallMs === undefined ? null : isoTime(wallMs);
}
