/**
 * Cube's wire format, outgoing: what `/classic` answers. Values that Go would leave at their zero are written as Go's
 * encoder writes them: empty strings, null maps, the year 1.
 */
import type { Resources } from "../task/spec.ts";
import { STATE_CODE } from "../task/state.ts";
import type { Task } from "../task/task.ts";
import { parseSize } from "../utils/sizes.ts";
import type { ClassicNode, ClassicStats, ClassicTask } from "./classic-json.ts";
import { isoTime } from "./json-types.ts";

/** Go's time that was never set. */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

export function classicTask(task: Task): ClassicTask {
  const { document, ports } = task.spec;
  const exposed = ports.map((port): [string, Record<string, never>] => [portName(port), {}]);
  const bound = ports
    .filter(({ host }) => host !== 0)
    .map((port): [string, string] => [portName(port), String(port.host)]);
  return {
    ID: task.id,
    ContainerID: task.containerId ?? "",
    Name: task.name,
    State: STATE_CODE[task.state],
    Image: document.image ?? "",
    Cpu: document.cpu ?? 0,
    Memory: parseSize(document.memory ?? 0) ?? 0,
    Disk: parseSize(document.disk ?? 0) ?? 0,
    ExposedPorts: mapOrNull(exposed),
    PortBindings: mapOrNull(bound),
    HostPorts: hostPorts(task),
    RestartPolicy: task.spec.restart.policy === "never" ? "" : task.spec.restart.policy,
    StartTime: goTime(task.startedAt),
    FinishTime: goTime(task.finishedAt),
    HealthCheck: task.spec.health?.probe.kind === "http" ? task.spec.health.probe.path : "",
    RestartCount: task.restarts,
  };
}

export interface ClassicNodeFacts {
  readonly name: string;
  readonly address: string;
  readonly capacity: Resources;
  readonly reserved: Resources;
  readonly used: (Resources & { readonly load: readonly [number, number, number] }) | undefined;
  readonly tasks: { readonly scheduled: number; readonly running: number };
}

export function classicNode({ name, address, capacity, reserved, used, tasks }: ClassicNodeFacts): ClassicNode {
  const count = tasks.scheduled + tasks.running;
  return {
    Name: name,
    Ip: address,
    Api: "",
    Memory: kilobytes(capacity.memory),
    MemoryAllocated: kilobytes(reserved.memory),
    Disk: capacity.disk,
    DiskAllocated: reserved.disk,
    Stats: used === undefined ? null : classicStats(capacity, used, count),
    Role: "worker",
    TaskCount: count,
  };
}

function classicStats(capacity: Resources, used: NonNullable<ClassicNodeFacts["used"]>, count: number): ClassicStats {
  const free = kilobytes(Math.max(0, capacity.memory - used.memory));
  const [last1min, last5min, last15min] = used.load;
  return {
    MemStats: { mem_total: kilobytes(capacity.memory), mem_free: free, mem_available: free },
    DiskStats: { all: capacity.disk, used: used.disk, free: Math.max(0, capacity.disk - used.disk), freeInodes: 0 },
    CpuStats: null,
    LoadStats: { last1min, last5min, last15min },
    TaskCount: count,
  };
}

function hostPorts(task: Task): ClassicTask["HostPorts"] {
  const bindings = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const port of task.ports) {
    const binding = { HostIp: port.address, HostPort: String(port.host) };
    bindings.set(portName(port), [...(bindings.get(portName(port)) ?? []), binding]);
  }
  return mapOrNull([...bindings]);
}

function portName({ container, protocol }: { readonly container: number; readonly protocol: string }): string {
  return `${String(container)}/${protocol}`;
}

/** Go writes a map that was never made as null. */
function mapOrNull<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> | null {
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** RFC 3339 without trailing zeros in the fraction, as Go writes it. */
function goTime(wallMs: number | undefined): string {
  return wallMs === undefined ? ZERO_TIME : isoTime(wallMs).replace(/\.?0+Z$/, "Z");
}

/** As the kernel counts them and Cube passes them on: 1,024 bytes. */
function kilobytes(bytes: number): number {
  return Math.floor(bytes / 1024);
}
