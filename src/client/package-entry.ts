/** What `import … from "birdman/client"` gives to users of the package; nothing in here imports it. */
export {
  Birdman,
  type ConnectOptions,
  type EventFilter,
  type LogFilter,
  type PlanQuestion,
  type SubmitOptions,
  type TaskFilter,
  type TaskPage,
} from "./client.ts";
export { ClientError, type NetworkCode } from "./client-error.ts";
export type { EventStreamOptions } from "./event-stream.ts";
export type { ExecSession } from "./exec.ts";
export { fetchTransport } from "./fetch-transport.ts";
export { nodeTransport, type NodeTransportOptions } from "./node-transport.ts";
export type { Cancellable, RequestOptions } from "./requests.ts";
export type { MessageSocket, SocketRequest, SocketTransport } from "./socket-transport.ts";
export type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
export type { PrometheusTargets } from "../api/discovery-json.ts";
export type { EventJson } from "../api/event-json.ts";
export type { ExecOutput } from "../api/exec-frames.ts";
export type { ExecRequest, ExecSignal, TerminalSize } from "../api/exec-order.ts";
export type { LiveFrame } from "../api/live-json.ts";
export type { NodeJson, NodePatch } from "../api/node-json.ts";
export type { PlacementJson } from "../api/placement-json.ts";
export type { PlanRequest, PlansJson } from "../api/plan-json.ts";
export type { Problem, ProblemCode } from "../api/problems.ts";
export type { ClusterStatsJson } from "../api/stats-json.ts";
export type { TaskJson } from "../api/task-json.ts";
export type { TaskDocument } from "../task/document.ts";
export type { TaskState } from "../task/state.ts";
