/** What commands there are, and where. */
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** Adds its flags, arguments, examples and action to the command. `afterDashes`: how many words stand after `--`. */
export type Configure = (command: Command, context: Context, afterDashes: number) => void;

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  /** For programs, not for people: it stands in no help. */
  readonly isHidden?: boolean;
  readonly load: () => Promise<{ readonly configure: Configure }>;
}

const SERVERS = "Servers:";
const TASKS = "Tasks:";
const CLUSTER = "Cluster:";
const OPERATION = "Operation:";
const COMMAND_LINE = "Command line:";

export const COMMANDS: readonly Entry[] = [
  {
    name: "dev",
    summary: "a manager and workers in one process, to try things out",
    group: SERVERS,
    load: () => import("./commands/dev.ts"),
  },
  { name: "manager", summary: "start a manager", group: SERVERS, load: () => import("./commands/manager.ts") },
  {
    name: "worker",
    summary: "start a worker on this machine",
    group: SERVERS,
    load: () => import("./commands/worker.ts"),
  },
  {
    name: "run",
    summary: "start a task, or the tasks of a file",
    group: TASKS,
    load: () => import("./commands/run.ts"),
  },
  { name: "stop", summary: "stop tasks", group: TASKS, load: () => import("./commands/stop.ts") },
  {
    name: "restart",
    summary: "stop a task and place it again",
    group: TASKS,
    load: () => import("./commands/restart.ts"),
  },
  { name: "status", summary: "list the tasks, or show one", group: TASKS, load: () => import("./commands/status.ts") },
  { name: "logs", summary: "print the output of a task", group: TASKS, load: () => import("./commands/logs.ts") },
  { name: "exec", summary: "run a command inside a task", group: TASKS, load: () => import("./commands/exec.ts") },
  {
    name: "events",
    summary: "what has happened to tasks and nodes, and why",
    group: TASKS,
    load: () => import("./commands/events.ts"),
  },
  {
    name: "explain",
    summary: "say why a task is where it is, or nowhere",
    group: TASKS,
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "plan",
    summary: "say what would happen: where tasks would go, what moves when nodes go",
    group: TASKS,
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "node",
    summary: "list the nodes, show, pause, drain or remove one",
    group: CLUSTER,
    load: () => import("./commands/node.ts"),
  },
  {
    name: "stats",
    summary: "totals of the cluster and the use of each node",
    group: CLUSTER,
    load: () => import("./commands/stats.ts"),
  },
  {
    name: "top",
    summary: "nodes and tasks on a live screen",
    group: CLUSTER,
    load: () => import("./commands/top.ts"),
  },
  {
    name: "brake",
    summary: "whether the manager holds back since nodes are silent, and taking that off",
    group: CLUSTER,
    load: () => import("./commands/brake.ts"),
  },
  {
    name: "simulate",
    summary: "simulate clusters: full of faults, or full of tasks for the scheduler",
    group: OPERATION,
    load: () => import("./commands/simulate.ts"),
  },
  {
    name: "check-scheduler",
    summary: "check a scheduling algorithm of your own",
    group: OPERATION,
    load: () => import("./commands/check-scheduler.ts"),
  },
  {
    name: "context",
    summary: "name the clusters you work with, and choose one",
    group: COMMAND_LINE,
    load: () => import("./commands/context.ts"),
  },
  {
    name: "completion",
    summary: "let a shell complete command lines, with the names of tasks and nodes",
    group: COMMAND_LINE,
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "__complete",
    summary: "what the scripts of completion call",
    group: COMMAND_LINE,
    isHidden: true,
    load: () => import("./commands/complete.ts"),
  },
  {
    name: "doctor",
    summary: "check this machine, and the manager seen from it",
    group: OPERATION,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "backup",
    summary: "copy a manager's store into a file, while it runs",
    group: OPERATION,
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "restore",
    summary: "check a backup, and put it in place",
    group: OPERATION,
    load: () => import("./commands/restore.ts"),
  },
  { name: "token", summary: "make access tokens", group: OPERATION, load: () => import("./commands/token.ts") },
];
