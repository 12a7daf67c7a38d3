import type { EventJson } from "../api/event-json.ts";
import type { TaskJson } from "../api/task-json.ts";
import { parseSize } from "../utils/sizes.ts";
import { formatAge, formatBytes, formatCores, orDash } from "./format.ts";
import { formatHealth, formatPorts, stateStyle, type View } from "./task-table.ts";
import { renderFields, renderTable, type Column } from "./terminal/table.ts";

type Field = readonly [name: string, value: string];

/** Everything about one task, and its history. What has no value has no line. */
export function renderTask(task: TaskJson, events: readonly EventJson[], view: View): string {
  const { paint, now, width } = view;
  const fields: readonly (Field | undefined)[] = [
    ["ID", task.id],
    ["Name", task.name],
    ["State", task.desired === "stop" && task.finishedAt === null ? `${task.state}, to be stopped` : task.state],
    field("Reason", task.reason),
    task.health === "none" ? undefined : ["Health", formatHealth(task)],
    field("Exit code", task.exitCode),
    field("Node", task.node),
    ["Attempt", String(task.attempt)],
    ["Restarts", String(task.restarts)],
    field("Container", task.containerId),
    task.ports.length === 0 ? undefined : ["Ports", formatPorts(task).replaceAll(", ", "\n")],
    ...specFields(task),
    ...usedFields(task),
    ...timeFields(task, now),
  ];
  const shown = fields.filter((each) => each !== undefined);
  const details = renderFields(shown, {
    name: (name) => paint("bold", name),
    value: (value, name) => (name === "State" ? paint(stateStyle(task), value) : value),
  });
  return events.length === 0 ? details : `${details}\n${renderHistory(events, { now, width, paint })}`;
}

function field(name: string, value: string | number | null | undefined): Field | undefined {
  return value === null || value === undefined || value === "" ? undefined : [name, String(value)];
}

function specFields({ spec }: TaskJson): (Field | undefined)[] {
  return [
    field("Image", spec.image),
    field("Entrypoint", spec.entrypoint?.join(" ")),
    field("Command", spec.command?.join(" ")),
    field("Runtime", spec.runtime),
    field("Env", pairs(spec.env)),
    field("Labels", pairs(spec.labels)),
    field(
      "Volumes",
      spec.volumes
        ?.map(({ source, target, readOnly }) => `${source}:${target}${readOnly === true ? ":ro" : ""}`)
        .join("\n"),
    ),
    field("Reserves", reserves(spec)),
    field("Constraints", spec.constraints?.join("\n")),
    field("Restart", restart(spec.restart)),
    field("Health check", healthCheck(spec.health)),
  ];
}

function reserves({ cpu = 0, memory = 0, disk = 0 }: TaskJson["spec"]): string {
  const bytes = (size: string | number): string => formatBytes(parseSize(size) ?? 0);
  return `${formatCores(cpu)} cores, ${bytes(memory)} of memory, ${bytes(disk)} of disk`;
}

function restart(policy: TaskJson["spec"]["restart"]): string | undefined {
  if (policy?.policy !== "on-failure") return policy?.policy;
  return `on-failure, up to ${String(policy.attempts)} times in ${String(policy.window)}`;
}

function healthCheck(health: TaskJson["spec"]["health"]): string | undefined {
  if (health === undefined) return undefined;
  const { http, tcp, command, interval, retries } = health;
  const probe = command?.join(" ") ?? (tcp === undefined ? `http ${http?.path ?? "/"}` : "tcp");
  return `${probe} every ${String(interval)}, unhealthy after ${String(retries)} failures`;
}

function pairs(record: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return record === undefined
    ? undefined
    : Object.entries(record)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join("\n");
}

function usedFields({ used, state }: TaskJson): (Field | undefined)[] {
  if (used === null || state !== "running") return [];
  return [["Uses", `${formatCores(used.cpu)} cores, ${formatBytes(used.memory)} of memory`]];
}

function timeFields(task: TaskJson, now: number): (Field | undefined)[] {
  const moment = (name: string, value: string | null): Field | undefined =>
    value === null ? undefined : [name, `${value} (${formatAge(value, now)} ago)`];
  return [
    moment("Created", task.createdAt),
    moment("Scheduled", task.scheduledAt),
    moment("Started", task.startedAt),
    moment("Finished", task.finishedAt),
  ];
}

function renderHistory(events: readonly EventJson[], { now, width }: View): string {
  const columns: readonly Column<EventJson>[] = [
    { heading: "AGE", value: ({ at }) => formatAge(at, now) },
    { heading: "ATTEMPT", value: ({ attempt }) => orDash(attempt === 0 ? null : attempt?.toString()) },
    { heading: "NODE", value: ({ node }) => orDash(node), shrinkTo: 8 },
    { heading: "STATE", value: ({ to }) => orDash(to) },
    { heading: "REASON", value: ({ reason }) => reason, shrinkTo: 20 },
  ];
  return renderTable(columns, events, width);
}
