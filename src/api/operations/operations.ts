/** Every operation of a manager's API, by the name that the client's method for it has. */
import { CLASSIC_OPERATIONS } from "./classic.ts";
import { CLUSTER_OPERATIONS } from "./cluster.ts";
import { MONITORING_OPERATIONS } from "./monitoring.ts";
import { NODE_OPERATIONS } from "./nodes.ts";
import type { Operation } from "./operation.ts";
import { TASK_OPERATIONS } from "./tasks.ts";

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...TASK_OPERATIONS,
  ...NODE_OPERATIONS,
  ...CLUSTER_OPERATIONS,
  ...MONITORING_OPERATIONS,
  ...CLASSIC_OPERATIONS,
};
