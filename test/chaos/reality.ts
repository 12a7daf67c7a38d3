/** What is really there when the faults are over, held against what the manager says and what the users were promised. */
import type { NodeJson } from "../../src/api/node-json.ts";
import type { TaskJson } from "../../src/api/task-json.ts";
import type { ChaosNode } from "./chaos-cluster.ts";
import type { ManagerApi } from "./manager-api.ts";
import type { Accepted, User } from "./user.ts";

export interface FoundContainer {
  readonly node: string;
  readonly id: string;
  readonly task: string;
  readonly attempt: number;
  readonly restart: number;
  /** The engine's word: `running`, `exited`, `created`… */
  readonly state: string;
}

export interface Reality {
  readonly tasks: readonly TaskJson[];
  readonly nodes: readonly NodeJson[];
  readonly containers: readonly FoundContainer[];
}

/** Something that is not as it should be. */
export interface Discrepancy {
  /** Id; undefined where it is not about a task that is known. */
  readonly task: string | undefined;
  readonly what: string;
}

const ENGINE_PATIENCE_MS = 10_000;

/** All engines' containers and all that the manager shows. Rejects when an engine does not answer. */
export async function look(api: ManagerApi, nodes: readonly ChaosNode[]): Promise<Reality> {
  const [tasks, joined, ...containers] = await Promise.all([api.tasks(), api.nodes(), ...nodes.map(containersOf)]);
  return { tasks, nodes: joined, containers: containers.flat() };
}

async function containersOf({ name, engine }: ChaosNode): Promise<FoundContainer[]> {
  const abortSignal = AbortSignal.timeout(ENGINE_PATIENCE_MS);
  const listed = await engine.docker.listContainers({ all: true, abortSignal });
  return listed.map(({ Id, Labels, State }) => ({
    node: name,
    id: Id,
    task: Labels["birdman.task"] ?? "",
    attempt: Number(Labels["birdman.attempt"]),
    restart: Number(Labels["birdman.restart"]),
    state: State,
  }));
}

/** What is not yet as it should be: nothing, once the cluster has settled. */
export function discrepancies(
  { tasks, nodes, containers }: Reality,
  user: User,
  workers: readonly ChaosNode[],
): Discrepancy[] {
  const found: Discrepancy[] = [];
  for (const { name } of workers) {
    const node = nodes.find((each) => each.name === name);
    const how = node === undefined ? "not there" : `${node.status}, ${node.availability}`;
    if (how !== "ready, active") found.push({ task: undefined, what: `node ${name} is ${how}` });
  }
  const shown = Map.groupBy(tasks, ({ id }) => id);
  for (const task of user.accepted.values()) {
    const add = (what: string): void => void found.push({ task: task.id, what });
    const [now, ...more] = shown.get(task.id) ?? [];
    const own = containers.filter((container) => container.task === task.id);
    if (now === undefined) add("it was accepted, and the manager does not know it");
    else if (more.length > 0) add("the manager shows it more than once");
    else for (const what of [...asPromised(task, now), ...asFound(task, now, own)]) add(what);
  }
  for (const task of tasks.filter(({ id }) => !user.accepted.has(id))) {
    found.push({ task: task.id, what: `nobody submitted ${task.name}, or it was submitted twice` });
  }
  for (const container of containers.filter(({ task }) => !shown.has(task))) {
    found.push({ task: undefined, what: `a container of no task: ${describeContainer(container)}` });
  }
  return found;
}

/** What the user may expect of the task's state. */
function asPromised({ planned, isStopped }: Accepted, { state, reason }: TaskJson): string[] {
  const isOver = state === "completed" || state === "failed";
  const how = `it is ${state} (${reason})`;
  if (isStopped) return isOver ? [] : [`it was stopped, and ${how}`];
  switch (planned.fate.kind) {
    case "endless":
    case "loops": {
      // One that is never restarted has failed when it was killed; whether it was is looked at apart.
      const mayHaveFailed = planned.document.restart?.policy === "never";
      return state === "running" || (state === "failed" && mayHaveFailed) ? [] : [`it should run, and ${how}`];
    }
    case "ends":
      return isOver ? [] : [`it should have ended, and ${how}`];
    case "unstartable":
      return state === "failed" ? [] : [`it cannot be started, and ${how}`];
  }
}

/** Whether its containers are those that the manager tells of. */
function asFound({ planned }: Accepted, task: TaskJson, own: readonly FoundContainer[]): string[] {
  if (task.state !== "running") {
    return own.map((container) => `it is ${task.state}, and has ${describeContainer(container)}`);
  }
  const wrong = own.filter(({ node, attempt }) => node !== task.node || attempt !== task.attempt);
  const isBetweenRuns = planned.fate.kind === "loops" && own.length <= 1;
  const [only] = own;
  const isOne = own.length === 1 && only?.state === "running" && only.id === task.containerId;
  const where = `attempt ${String(task.attempt)} on ${String(task.node)}`;
  if (wrong.length > 0 || !(isOne || isBetweenRuns)) {
    return [
      `it runs as ${where}, container ${String(task.containerId)}, and has ${own.map(describeContainer).join("; ") || "none"}`,
    ];
  }
  return [];
}

export function describeContainer({ node, id, attempt, restart, state }: FoundContainer): string {
  return `container ${id.slice(0, 12)} on ${node}, attempt ${String(attempt)}, restart ${String(restart)}, ${state}`;
}
