/** What a worker says of itself, as the API shows it. */
import { isoTime } from "../../api/json-types.ts";
import type { WorkerStatsJson } from "../../api/stats-json.ts";
import type { WorkerStats } from "../service.ts";

export function workerStatsJson({ node, at, uptimeMs, use, cores, memory, disk, tasks }: WorkerStats): WorkerStatsJson {
  const { pending, scheduled, running, completed, failed } = tasks;
  return {
    node,
    at: isoTime(at),
    uptime: uptimeMs,
    cpu: { cores, used: use?.cpu ?? null, load: use === undefined ? null : [...use.load] },
    memory: { total: memory.total, available: memory.available, used: memory.total - memory.available },
    disk: { path: disk.path, total: disk.total, available: disk.available, used: disk.total - disk.available },
    tasks: { pending, scheduled, running, completed, failed },
  };
}
