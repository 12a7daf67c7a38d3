/** What there is to see at one moment. */
import type { EventJson } from "../../api/event-json.ts";
import type { NodeJson } from "../../api/node-json.ts";
import type { ClusterStatsJson } from "../../api/stats-json.ts";
import type { TaskJson } from "../../api/task-json.ts";
import type { Birdman } from "../../client/client.ts";

export interface Snapshot {
  readonly stats: ClusterStatsJson;
  readonly nodes: readonly NodeJson[];
  /** The live ones; where there are very many, the newest of each state. */
  readonly tasks: readonly TaskJson[];
  /** The newest of those that failed. */
  readonly failed: readonly TaskJson[];
  readonly detail?: TaskDetail;
}

export interface TaskDetail {
  readonly task: TaskJson;
  readonly events: readonly EventJson[];
}

/** Failed tasks asked for, to tell of the latest. */
const FAILED = 20;

/** @param detail id of the task that is looked at closely */
export async function takeSnapshot(
  client: Birdman,
  { detail, signal }: { readonly detail?: string | undefined; readonly signal?: AbortSignal },
): Promise<Snapshot> {
  const options = signal === undefined ? {} : { signal };
  const tasksIn = async (state: TaskJson["state"], limit = 1000): Promise<readonly TaskJson[]> =>
    (await client.tasks({ state, limit }, options)).tasks;
  const [stats, nodes, running, scheduled, pending, failed, task, events] = await Promise.all([
    client.stats(options),
    client.nodes(options),
    tasksIn("running"),
    tasksIn("scheduled"),
    tasksIn("pending"),
    tasksIn("failed", FAILED),
    detail === undefined ? undefined : client.task(detail, options),
    detail === undefined ? [] : client.taskEvents(detail, options),
  ]);
  const tasks = [...running, ...scheduled, ...pending];
  return { stats, nodes, tasks, failed, ...(task === undefined ? {} : { detail: { task, events } }) };
}
