/** An entry of the history as the API shows it. */
import { Type } from "typebox";
import type { HistoryEvent } from "../task/history.ts";
import { IsoTime, isoTime, Nullable } from "./json-types.ts";

export const EventJsonSchema = Type.Object({
  seq: Type.Integer(),
  at: IsoTime,
  kind: Type.Union([Type.Literal("task"), Type.Literal("node"), Type.Literal("manager")]),
  task: Nullable(Type.String()),
  attempt: Nullable(Type.Integer()),
  node: Nullable(Type.String()),
  from: Nullable(Type.String()),
  to: Nullable(Type.String()),
  reason: Type.String(),
});

export type EventJson = Type.Static<typeof EventJsonSchema>;

export function eventJson(event: HistoryEvent): EventJson {
  return {
    seq: event.seq,
    at: isoTime(event.at),
    kind: event.kind,
    task: event.task ?? null,
    attempt: event.attempt ?? null,
    node: event.node ?? null,
    from: event.from ?? null,
    to: event.to ?? null,
    reason: event.reason,
  };
}
