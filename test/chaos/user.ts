/**
 * The users: they do what was planned and remember what they were told. What was once told must stay true: a task that was
 * accepted is there, one that ended has ended as it was said to have.
 */
import type { TaskJson } from "../../src/api/task-json.ts";
import type { ChaosNode } from "./chaos-cluster.ts";
import type { Answer, ManagerApi } from "./manager-api.ts";
import type { PlannedTask, UserAction } from "./workload.ts";

export interface Accepted {
  readonly id: string;
  readonly planned: PlannedTask;
  /** The request to stop it was answered. */
  isStopped: boolean;
  /** The newest that was seen of it. */
  seen: Pick<TaskJson, "state" | "exitCode" | "attempt" | "finishedAt"> | undefined;
}

export class User {
  readonly accepted = new Map<string, Accepted>();
  /** Sentences about what was told and then taken back, or should not have been told. */
  readonly complaints: string[] = [];
  readonly #api: ManagerApi;
  readonly #nodes: readonly ChaosNode[];
  /** By the task's name: settled when it was submitted. */
  readonly #submitted = new Map<string, PromiseWithResolvers<Accepted | undefined>>();

  constructor(api: ManagerApi, nodes: readonly ChaosNode[]) {
    this.#api = api;
    this.#nodes = nodes;
  }

  /** Resolves once it is answered, however often it has to be asked. */
  async act(action: UserAction): Promise<void> {
    switch (action.kind) {
      case "submit":
        return this.#submit(action);
      case "stop": {
        const task = await this.#taskOf(action.task).promise;
        if (task !== undefined) await this.stop(task);
        return;
      }
      case "restart": {
        const task = await this.#taskOf(action.task).promise;
        if (task === undefined) return;
        const path = `/tasks/${task.id}/restart`;
        const answer = await this.#api.ask({ method: "POST", path, idempotencyKey: action.key });
        // 409: it had ended.
        if (answer.status !== 202 && answer.status !== 409) this.#complain(`restart of ${action.task}`, answer);
        return;
      }
      case "availability":
        return this.setAvailability(this.#nodes[action.node]?.name ?? "", action.availability);
    }
  }

  async stop(task: Accepted): Promise<void> {
    const answer = await this.#api.ask({ method: "DELETE", path: `/tasks/${task.id}` });
    if (answer.status === 204) task.isStopped = true;
    else this.#complain(`stop of ${task.planned.name}`, answer);
  }

  async setAvailability(node: string, availability: string): Promise<void> {
    const answer = await this.#api.ask({ method: "PATCH", path: `/nodes/${node}`, body: { availability } });
    // 404: it has not joined yet.
    if (answer.status !== 200 && answer.status !== 404) this.#complain(`${availability} of ${node}`, answer);
  }

  /** Holds what is shown now against what was shown before. */
  look(tasks: readonly TaskJson[]): void {
    const shown = new Map(tasks.map((task) => [task.id, task]));
    for (const task of this.accepted.values()) {
      const now = shown.get(task.id);
      const { seen, planned } = task;
      if (now === undefined || seen === undefined) {
        if (now !== undefined) task.seen = now;
        continue;
      }
      const isOver = seen.state === "completed" || seen.state === "failed";
      if (isOver && !isSameEnd(seen, now)) {
        this.complaints.push(`${planned.name} (${task.id}) was ${endOf(seen)}, and is now ${endOf(now)}`);
      }
      if (now.attempt < seen.attempt) {
        const attempts = `${String(seen.attempt)}, and now at ${String(now.attempt)}`;
        this.complaints.push(`${planned.name} (${task.id}) was at attempt ${attempts}`);
      }
      task.seen = now;
    }
  }

  async #submit({ tasks, key }: Extract<UserAction, { kind: "submit" }>): Promise<void> {
    const documents = tasks.map(({ document }) => document);
    const body = documents.length === 1 ? documents[0] : documents;
    const answer = await this.#api.ask({ method: "POST", path: "/tasks", body, idempotencyKey: key });
    const told = [answer.body].flat() as TaskJson[];
    if (answer.status !== 201) this.#complain(`submission of ${tasks.map(({ name }) => name).join(", ")}`, answer);
    for (const [index, planned] of tasks.entries()) {
      const id = answer.status === 201 ? told[index]?.id : undefined;
      const task = id === undefined ? undefined : { id, planned, isStopped: false, seen: undefined };
      if (task !== undefined) this.accepted.set(task.id, task);
      this.#taskOf(planned.name).resolve(task);
    }
  }

  #taskOf(name: string): PromiseWithResolvers<Accepted | undefined> {
    const known = this.#submitted.get(name) ?? Promise.withResolvers<Accepted | undefined>();
    this.#submitted.set(name, known);
    return known;
  }

  #complain(what: string, { status, body }: Answer): void {
    this.complaints.push(`${what} was answered with ${String(status)}: ${JSON.stringify(body)}`);
  }
}

function isSameEnd(one: NonNullable<Accepted["seen"]>, other: NonNullable<Accepted["seen"]>): boolean {
  return endOf(one) === endOf(other);
}

function endOf({ state, exitCode, attempt, finishedAt }: NonNullable<Accepted["seen"]>): string {
  return `${state} in attempt ${String(attempt)}, exit code ${String(exitCode)}, at ${String(finishedAt)}`;
}

/** How many tasks there are, by the state in which they were last seen. */
export function describeTasks({ accepted }: User): string {
  const states = Map.groupBy(accepted.values(), ({ seen }) => seen?.state ?? "not seen");
  const counts = [...states].map(([state, tasks]) => `${String(tasks.length)} ${state}`);
  return `${String(accepted.size)} tasks: ${counts.join(", ")}`;
}
