/**
 * Whether what runs equals what is wanted: the difference that is left, in a sentence, or undefined when there is none.
 * Once nothing goes wrong any more, a cluster must come there in bounded time, and stay.
 */
import { placementRequest } from "../manager/core/placement.ts";
import type { ManagerState } from "../manager/core/state.ts";
import { attemptKey, type AttemptKey } from "../task/id.ts";
import type { Task } from "../task/task.ts";
import type { WorkerState } from "../worker/core/state.ts";
import type { Cluster } from "./cluster.ts";
import { containerName, type Container } from "./engine.ts";
import type { SimWorker } from "./sim-worker.ts";

export function differenceLeft(cluster: Cluster): string | undefined {
  const core = cluster.manager.settledCore;
  if (core === undefined) return "the manager is busy or down";
  const { state } = core;
  for (const worker of cluster.workers) {
    const left = workerDifference(state, worker);
    if (left !== undefined) return left;
  }
  const wanted = new Set<string>();
  for (const task of state.tasks.values()) {
    const left = taskDifference(cluster, state, task);
    if (left !== undefined) return left;
    wanted.add(attemptKey(task.id, task.attempt));
  }
  for (const worker of cluster.workers) {
    for (const container of worker.parts.engine.containers.values()) {
      const left = containerDifference(worker, container, wanted);
      if (left !== undefined) return left;
    }
  }
  return ledgerDifference(state) ?? forgottenTask(cluster, state);
}

function workerDifference(state: ManagerState, worker: SimWorker): string | undefined {
  const { facts } = worker.parts;
  const node = state.nodes.get(facts.nodeId);
  const core = worker.settledCore;
  if (core === undefined) return `${worker.name} is busy or down`;
  if (!worker.isConnected) return `${worker.name} is not connected`;
  if (node === undefined) return `the manager does not know ${worker.name}`;
  if (node.status !== "ready") return `${worker.name} is ${node.status}`;
  return workerLedgerDifference(core.state, worker.name);
}

function workerLedgerDifference(state: WorkerState, name: string): string | undefined {
  let cpu = 0;
  let memory = 0;
  for (const entry of state.entries.values()) {
    if (entry.phase.kind === "ended") return `${name} has a result that was not taken: ${entry.key}`;
    if (entry.isRecovered) return `${name} has not compared ${entry.key} with its engine`;
    cpu += entry.spec.resources.cpu;
    memory += entry.spec.resources.memory;
  }
  const { reserved } = state.ledger;
  if (Math.abs(reserved.cpu - cpu) < 1e-6 && reserved.memory === memory) return undefined;
  return `the ledger of ${name} holds ${String(reserved.cpu)} cores, its tasks ${String(cpu)}`;
}

function taskDifference(cluster: Cluster, state: ManagerState, task: Task): string | undefined {
  const said = `task ${task.id} (${task.state}, attempt ${String(task.attempt)}: ${task.reason})`;
  if (task.desired === "stop") return `${said} is not stopped yet`;
  if (task.moving !== undefined) return `${said} is not moved yet`;
  if (task.state === "pending") return whyNotPlaced(state, task);
  if (task.state !== "running") return `${said} does not run yet`;
  const node = state.nodeOf(task);
  const worker = cluster.workers.find(({ parts }) => parts.facts.nodeId === node?.id);
  if (worker === undefined) return `${said} is on a node that is not there`;
  const entry = worker.core?.state.entries.get(attemptKey(task.id, task.attempt));
  if (entry?.phase.kind !== "running") return `${said} is ${entry?.phase.kind ?? "unknown"} on ${worker.name}`;
  const run = { task: task.id, attempt: task.attempt, restart: entry.restarts };
  const container = worker.parts.engine.containers.get(containerName(run));
  return container?.state === "running" ? undefined : `${said} has no running container on ${worker.name}`;
}

/** A task that fits nowhere is where it should be. */
function whyNotPlaced(state: ManagerState, task: Task): string | undefined {
  const said = `task ${task.id} (attempt ${String(task.attempt)}: ${task.reason})`;
  return state.scheduler.fits(placementRequest(task, undefined)) ? `${said} could be placed` : undefined;
}

function containerDifference(worker: SimWorker, container: Container, wanted: ReadonlySet<string>): string | undefined {
  const { ref, name, state } = container;
  const key: AttemptKey = attemptKey(ref.task, ref.attempt);
  const entry = worker.core?.state.entries.get(key);
  if (state === "running" && !wanted.has(key)) return `${name} runs on ${worker.name} and is not wanted`;
  if (entry?.restarts === ref.restart) return undefined;
  return `${name} (${state}) is left over on ${worker.name}`;
}

function ledgerDifference(state: ManagerState): string | undefined {
  for (const node of state.nodes.values()) {
    if (node.strays.size > 0) return `the ledger of ${node.name} holds strays: ${[...node.strays].join(", ")}`;
    let cpu = 0;
    let memory = 0;
    for (const id of node.tasks) {
      const resources = state.tasks.get(id)?.spec.resources;
      cpu += resources?.cpu ?? 0;
      memory += resources?.memory ?? 0;
    }
    const { reserved, count } = node.ledger;
    const isEqual = Math.abs(reserved.cpu - cpu) < 1e-6 && reserved.memory === memory && count === node.tasks.size;
    if (!isEqual) return `the ledger of ${node.name} holds ${String(count)} attempts, ${String(node.tasks.size)} tasks`;
  }
  return undefined;
}

function forgottenTask({ checks }: Cluster, state: ManagerState): string | undefined {
  for (const id of checks.accepted) if (!state.tasks.has(id) && !checks.hasEnded(id)) return `task ${id} is forgotten`;
  for (const id of checks.stopped) if (!checks.hasEnded(id)) return `task ${id} was to stop and has not ended`;
  return undefined;
}
