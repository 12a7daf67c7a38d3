/** The schemas that have a name of their own in the API's description, each written there once. */
import type { TSchema } from "typebox";
import {
  DurationSchema,
  EnvValueSchema,
  HealthSchema,
  LabelsSchema,
  PortSchema,
  RescheduleSchema,
  RestartSchema,
  RuntimeSchema,
  SizeSchema,
  TaskDocumentSchema,
  VolumeSchema,
} from "../task/document.ts";
import { ClassicErrorSchema, ClassicEventSchema, ClassicNodeSchema, ClassicTaskSchema } from "./classic-json.ts";
import { PrometheusTargetsSchema } from "./discovery-json.ts";
import { EventJsonSchema } from "./event-json.ts";
import { ResourcesJson, StateJson, TaskCountsJson } from "./json-types.ts";
import { LiveFrameSchema } from "./live-json.ts";
import { AvailabilitySchema, NodeJsonSchema, NodePatchSchema } from "./node-json.ts";
import { CostsJsonSchema, PlacementJsonSchema, RejectedJsonSchema, RejectionJsonSchema } from "./placement-json.ts";
import { CapacityJsonSchema, PlanJsonSchema, PlannedPlacementJsonSchema, PlansJsonSchema } from "./plan-json.ts";
import { ProblemJsonSchema } from "./problem-json.ts";
import { ClusterStatsJsonSchema } from "./stats-json.ts";
import { SubmissionSchema } from "./submission-json.ts";
import { PortBindingJsonSchema, TaskJsonSchema } from "./task-json.ts";

export const NAMED_SCHEMAS = {
  Submission: SubmissionSchema,
  TaskDocument: TaskDocumentSchema,
  Size: SizeSchema,
  Duration: DurationSchema,
  Port: PortSchema,
  Volume: VolumeSchema,
  Restart: RestartSchema,
  Reschedule: RescheduleSchema,
  Health: HealthSchema,
  EnvValue: EnvValueSchema,
  Labels: LabelsSchema,
  Runtime: RuntimeSchema,
  Task: TaskJsonSchema,
  TaskState: StateJson,
  PortBinding: PortBindingJsonSchema,
  Event: EventJsonSchema,
  Placement: PlacementJsonSchema,
  Costs: CostsJsonSchema,
  Rejected: RejectedJsonSchema,
  Rejection: RejectionJsonSchema,
  Node: NodeJsonSchema,
  Availability: AvailabilitySchema,
  NodePatch: NodePatchSchema,
  Resources: ResourcesJson,
  TaskCounts: TaskCountsJson,
  ClusterStats: ClusterStatsJsonSchema,
  LiveFrame: LiveFrameSchema,
  Plans: PlansJsonSchema,
  Plan: PlanJsonSchema,
  PlannedPlacement: PlannedPlacementJsonSchema,
  Capacity: CapacityJsonSchema,
  PrometheusTargets: PrometheusTargetsSchema,
  Problem: ProblemJsonSchema,
  ClassicEvent: ClassicEventSchema,
  ClassicTask: ClassicTaskSchema,
  ClassicNode: ClassicNodeSchema,
  ClassicError: ClassicErrorSchema,
} as const satisfies Readonly<Record<string, TSchema>>;
