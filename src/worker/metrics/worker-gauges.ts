/** What is exposed of a worker and its machine: seconds, bytes, cores. There is no series for what is not measured yet. */
import { byLabel, flag, single, type Definition, type Sample } from "../../api/metrics/scraped.ts";
import type { TaskUse } from "../../node/node.ts";
import type { LocalTaskView, WorkerSnapshot } from "../service.ts";

/** So many tasks have series of their own: the newest. */
const MOST_TASK_SERIES = 1000;

type Gauge = Definition<WorkerSnapshot>;

export const WORKER_GAUGES: readonly Gauge[] = [
  {
    name: "birdman_worker_tasks",
    help: "Attempts on this worker by state; those that ended, until the manager has taken their result",
    labelNames: ["state"],
    samples: ({ stats: { tasks } }) => byLabel("state", { ...tasks }),
  },
  {
    name: "birdman_worker_manager_connected",
    help: "1 while the manager has welcomed this worker",
    samples: ({ isConnected }) => flag(isConnected),
  },
  {
    name: "birdman_worker_engine_up",
    help: "1 while the engine of the runtime answers",
    labelNames: ["runtime"],
    samples: ({ engines }) => engines.map(({ runtime, isSick }) => ({ labels: { runtime }, value: isSick ? 0 : 1 })),
  },
  {
    name: "birdman_worker_engine_disk_crowded",
    help: "1 while the disk of the runtime's engine is fuller than --disk-high, so that images are removed sooner",
    labelNames: ["runtime"],
    samples: ({ engines }) =>
      engines.map(({ runtime, isCrowded }) => ({ labels: { runtime }, value: isCrowded ? 1 : 0 })),
  },
  {
    name: "birdman_worker_cpu_total_cores",
    help: "Cores of the machine",
    samples: ({ stats }) => single(stats.cores),
  },
  {
    name: "birdman_worker_cpu_used_cores",
    help: "Cores in use, by everything on the machine",
    samples: ({ stats: { use } }) => (use === undefined ? [] : single(use.cpu)),
  },
  {
    name: "birdman_worker_load_average",
    help: "Load averages of the machine",
    labelNames: ["minutes"],
    samples: ({ stats: { use } }) => {
      if (use === undefined) return [];
      const [one, five, fifteen] = use.load;
      return byLabel("minutes", { "1": one, "5": five, "15": fifteen });
    },
  },
  {
    name: "birdman_worker_memory_total_bytes",
    help: "Memory of the machine",
    samples: ({ stats }) => single(stats.memory.total),
  },
  {
    name: "birdman_worker_memory_available_bytes",
    help: "Memory that can still be taken",
    samples: ({ stats }) => single(stats.memory.available),
  },
  {
    name: "birdman_worker_disk_total_bytes",
    help: "Size of the disk with the worker's data directory",
    samples: ({ stats }) => single(stats.disk.total),
  },
  {
    name: "birdman_worker_disk_available_bytes",
    help: "What can still be written to that disk",
    samples: ({ stats }) => single(stats.disk.available),
  },
  ofTasks("birdman_worker_task_cpu_used_cores", "Cores that a task uses", ({ cpu }) => cpu),
  ofTasks("birdman_worker_task_memory_used_bytes", "Memory that a task uses", ({ memory }) => memory),
];

function ofTasks(name: string, help: string, value: (use: TaskUse) => number): Gauge {
  const samples = ({ tasks }: WorkerSnapshot): Sample[] =>
    measured(tasks).map(({ labels, use }) => ({ labels, value: value(use) }));
  return { name, help: `${help}; the newest 1000 tasks`, labelNames: ["task", "attempt", "name"], samples };
}

function measured(tasks: readonly LocalTaskView[]): { labels: Sample["labels"]; use: TaskUse }[] {
  const known = tasks.flatMap(({ task: { id, attempt, name }, used }) =>
    used === undefined ? [] : [{ labels: { task: id, attempt: String(attempt), name }, use: used }],
  );
  return known.slice(0, MOST_TASK_SERIES);
}
