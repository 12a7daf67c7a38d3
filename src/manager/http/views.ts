/** What only the manager knows, as the API shows it. */
import type { ClusterStatsJson } from "../../api/stats-json.ts";
import type { NodeJson } from "../../api/node-json.ts";
import { isoTime } from "../../api/json-types.ts";
import type { Resources } from "../../task/spec.ts";
import type { ClusterStats, NodeSummary } from "../service.ts";

export function nodeJson(node: NodeSummary): NodeJson {
  return {
    name: node.name,
    status: node.status,
    availability: node.availability,
    address: node.address,
    labels: { ...node.labels },
    runtimes: [...node.runtimes],
    version: node.version,
    capacity: resourcesJson(node.capacity),
    reserved: resourcesJson(node.reserved),
    used: node.used === undefined ? null : resourcesJson(node.used),
    tasks: { scheduled: node.tasks.scheduled, running: node.tasks.running },
    reason: node.reason,
    ...(node.drain === undefined ? {} : { drain: { left: node.drain.left, blocked: node.drain.blocked ?? null } }),
    ...(node.clockSkewMs === undefined ? {} : { clockSkew: Math.round(node.clockSkewMs) }),
    joinedAt: isoTime(node.joinedAt),
    lastSeenAt: isoTime(node.lastSeenAt),
  };
}

export function clusterStatsJson(stats: ClusterStats): ClusterStatsJson {
  const { pending, scheduled, running, completed, failed } = stats.tasks;
  return {
    tasks: { pending, scheduled, running, completed, failed },
    nodes: { ready: stats.nodes.ready, unreachable: stats.nodes.unreachable, lost: stats.nodes.lost },
    capacity: resourcesJson(stats.capacity),
    reserved: resourcesJson(stats.reserved),
    used: resourcesJson(stats.used),
    scheduler: stats.scheduler,
    store: stats.store,
    uptime: stats.uptimeMs,
    ...(stats.brake === undefined ? {} : { brake: { since: isoTime(stats.brake.since), reason: stats.brake.reason } }),
  };
}

/** These three and no more: what is handed in may know the load as well. */
export function resourcesJson({ cpu, memory, disk }: Resources): { cpu: number; memory: number; disk: number } {
  return { cpu, memory, disk };
}
