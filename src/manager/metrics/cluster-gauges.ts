/** What is exposed of the cluster: seconds, bytes, cores. There is no series for what a node has not said. */
import { byLabel, flag, single, type Definition, type Sample } from "../../api/metrics/scraped.ts";
import type { Resources } from "../../task/spec.ts";
import type { ClusterSnapshot, NodeSnapshot, TaskSnapshot } from "./cluster-snapshot.ts";

export interface ManagerSnapshot extends ClusterSnapshot {
  readonly isReadOnly: boolean;
}

type Gauge = Definition<ManagerSnapshot>;

export const CLUSTER_GAUGES: readonly Gauge[] = [
  {
    name: "birdman_tasks",
    help: "Live tasks by state",
    labelNames: ["state"],
    samples: ({ tasks: { pending, scheduled, running } }) => byLabel("state", { pending, scheduled, running }),
  },
  {
    name: "birdman_pending_tasks",
    help: "Pending tasks by what they wait for: queued, unplaceable, refused, delayed, entering",
    labelNames: ["reason"],
    samples: ({ pending }) => byLabel("reason", { ...pending }),
  },
  {
    name: "birdman_oldest_pending_task_timestamp_seconds",
    help: "When the task was accepted that has waited longest to be placed; absent when none waits",
    samples: ({ oldestPendingAt }) => (oldestPendingAt === undefined ? [] : single(oldestPendingAt / 1000)),
  },
  {
    name: "birdman_nodes",
    help: "Nodes by status",
    labelNames: ["status"],
    samples: ({ nodes }) => {
      const counts = { ready: 0, unreachable: 0, lost: 0, left: 0 };
      for (const { status } of nodes) counts[status] += 1;
      return byLabel("status", counts);
    },
  },
  {
    name: "birdman_connected_workers",
    help: "Workers that have a session with this manager",
    samples: ({ connected }) => single(connected),
  },
  {
    name: "birdman_brake_on",
    help: "1 while the manager holds back, since too many nodes are silent together",
    samples: ({ isBraking }) => flag(isBraking),
  },
  {
    name: "birdman_read_only",
    help: "1 while the store takes nothing, so that only reads are served",
    samples: ({ isReadOnly }) => flag(isReadOnly),
  },
  {
    name: "birdman_node_info",
    help: "Always 1: the status, the availability and the release of a node",
    labelNames: ["node", "status", "availability", "version"],
    samples: ({ nodes }) =>
      nodes.map(({ facts: { name, version }, status, availability }) => ({
        labels: { node: name, status, availability, version },
        value: 1,
      })),
  },
  ofNodes("birdman_node_last_message_timestamp_seconds", {
    help: "When the node's worker was last heard",
    value: ({ lastSeenAt }) => lastSeenAt / 1000,
  }),
  ofNodes("birdman_node_tasks", { help: "Live tasks that are placed on the node", value: ({ tasks }) => tasks }),
  {
    name: "birdman_node_engine_up",
    help: "1 while the engine of the node's runtime answers",
    labelNames: ["node", "runtime"],
    samples: ({ nodes }) =>
      nodes.flatMap(({ facts: { name, runtimes }, sick }) =>
        runtimes.map((runtime) => ({
          labels: { node: name, runtime },
          value: sick[runtime] === undefined ? 1 : 0,
        })),
      ),
  },
  ...amounts("capacity", "that the node offers", ({ facts }) => facts.capacity),
  ...amounts("reserved", "reserved for the tasks on the node", ({ reserved }) => reserved),
  ...amounts("used", "in use on the node, as measured last", ({ used }) => used),
  ofTasks("birdman_task_cpu_used_cores", { help: "Cores that a task uses", value: ({ use }) => use.cpu }),
  ofTasks("birdman_task_memory_used_bytes", { help: "Memory that a task uses", value: ({ use }) => use.memory }),
  {
    name: "birdman_running_tasks_without_series",
    help: "Running tasks beyond the first 1000, whose use only their worker's metrics show",
    samples: ({ tasksLeftOut }) => single(tasksLeftOut),
  },
];

interface Of<T> {
  readonly help: string;
  readonly value: (of: T) => number | undefined;
}

function ofNodes(name: string, { help, value }: Of<NodeSnapshot>): Gauge {
  const samples = ({ nodes }: ManagerSnapshot): Sample[] => {
    const known: Sample[] = [];
    for (const node of nodes) {
      const figure = value(node);
      if (figure !== undefined) known.push({ labels: { node: node.facts.name }, value: figure });
    }
    return known;
  };
  return { name, help, labelNames: ["node"], samples };
}

function ofTasks(name: string, { help, value }: { readonly help: string; value: (of: TaskSnapshot) => number }): Gauge {
  const samples = ({ runningTasks }: ManagerSnapshot): Sample[] =>
    runningTasks.map((task) => ({
      labels: { task: task.id, name: task.name, node: task.node },
      value: value(task),
    }));
  return { name, help: `${help}; the first 1000 running tasks`, labelNames: ["task", "name", "node"], samples };
}

/** One for each resource, since a metric has one unit. */
function amounts(which: string, what: string, of: (node: NodeSnapshot) => Resources | undefined): readonly Gauge[] {
  return [
    ofNodes(`birdman_node_cpu_${which}_cores`, { help: `Cores ${what}`, value: (node) => of(node)?.cpu }),
    ofNodes(`birdman_node_memory_${which}_bytes`, { help: `Memory ${what}`, value: (node) => of(node)?.memory }),
    ofNodes(`birdman_node_disk_${which}_bytes`, { help: `Disk ${what}`, value: (node) => of(node)?.disk }),
  ];
}
