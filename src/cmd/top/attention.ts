/** What somebody should look at, the worst first: a line for each kind of trouble. */
import type { TaskJson } from "../../api/task-json.ts";
import { counted, formatAge } from "../format.ts";
import type { Snapshot } from "./snapshot.ts";

/** Tasks wait for so long before anyone is told, milliseconds. */
const PENDING_MS = 10_000;
/** And of those that failed so long ago no more is said. */
const FAILED_MS = 10 * 60_000;

export function attention({ stats, nodes, tasks, failed }: Snapshot, now: number): string[] {
  const waiting = tasks.filter(
    ({ state, createdAt }) => state === "pending" && now - Date.parse(createdAt) > PENDING_MS,
  );
  const unhealthy = tasks.filter(({ health }) => health === "unhealthy");
  const ended = failed.filter(({ finishedAt }) => finishedAt !== null && now - Date.parse(finishedAt) < FAILED_MS);
  return [
    ...(stats.brake === undefined ? [] : [`the manager holds back: ${stats.brake.reason}`]),
    ...nodes
      .filter(({ status }) => status === "unreachable" || status === "lost")
      .map(({ name, status, lastSeenAt }) => `node ${name} is ${status}, last seen ${formatAge(lastSeenAt, now)} ago`),
    ...nodes.flatMap(({ name, drain }) =>
      drain?.blocked === null || drain?.blocked === undefined ? [] : [`node ${name} is not drained: ${drain.blocked}`],
    ),
    ...tell(unhealthy, "unhealthy"),
    ...tell(ended, "failed"),
    ...tell(waiting, "pending"),
  ];
}

/** `3 tasks are unhealthy; web: …` */
function tell(tasks: readonly TaskJson[], what: string): string[] {
  const [first, ...more] = tasks;
  if (first === undefined) return [];
  const subject =
    more.length === 0 ? `${first.name} is ${what}` : `${counted(tasks.length, "task")} are ${what}; ${first.name}`;
  return [`${subject}: ${first.reason}`.replace(" is failed:", " failed:").replace(" are failed;", " failed;")];
}
