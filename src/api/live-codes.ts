/**
 * The numbers that stand for words in the frames of `GET /live`. A file of its own, without schemas, so that a page that
 * reads the frames loads nothing else. New words come at the end: a number never changes its meaning.
 */
import type { Availability, NodeStatus } from "../node/node.ts";
import type { Health } from "../task/task.ts";

/** Tasks' states have the numbers of the contract: `STATE_CODE` of `task/state.ts`, in this order. */
export const LIVE_STATES = ["pending", "scheduled", "running", "completed", "failed"] as const;
export const LIVE_HEALTH = ["none", "starting", "healthy", "unhealthy"] as const satisfies readonly Health[];
export const LIVE_STATUSES = ["ready", "unreachable", "lost", "left"] as const satisfies readonly NodeStatus[];
export const LIVE_AVAILABILITIES = ["active", "pause", "drain"] as const satisfies readonly Availability[];

/** What is wanted of a task: `moving` is run, elsewhere. */
export const LIVE_WISHES = ["run", "stop", "moving"] as const;
export type LiveWish = (typeof LIVE_WISHES)[number];
