/** A real worker on a real engine, alone and in memory: its host without its HTTP server. */
import { randomUUID } from "node:crypto";
import { vi } from "vitest";
import type { WorkerSettings } from "../../src/worker/core/state.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { TaskDocument } from "../../src/task/document.ts";
import { parseTaskId, type TaskId } from "../../src/task/id.ts";
import type { TaskState } from "../../src/task/state.ts";
import type { Task } from "../../src/task/task.ts";
import { createDockerRuntime, type DockerRuntimeOptions } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { instanceName } from "../../src/worker/runtimes/runtime.ts";
import { WorkerHost } from "../../src/worker/worker-host.ts";
import type { TestEngine } from "./engines.ts";
import { SteadyMachine } from "./worker-api.ts";

const GIB = 2 ** 30;
const WAIT = { timeout: 30_000, interval: 20 };

export interface DockerWorkerOptions extends Partial<DockerRuntimeOptions> {
  readonly settings?: Partial<WorkerSettings>;
  readonly mostStarts?: number;
}

export class DockerWorker implements AsyncDisposable {
  readonly host: WorkerHost;
  /** What it logged. */
  readonly said: string[] = [];
  readonly #engine: TestEngine;

  private constructor(engine: TestEngine, { settings, mostStarts, ...runtime }: DockerWorkerOptions) {
    this.#engine = engine;
    const nodeId = runtime.workerId ?? randomUUID();
    const say = (_fields: unknown, text: string): void => void this.said.push(text);
    this.host = new WorkerHost({
      store: new MemoryStore(),
      facts: {
        nodeId,
        name: "worker1",
        address: "127.0.0.1",
        labels: {},
        runtimes: ["docker"],
        version: "0.1.0",
        capacity: { cpu: 64, memory: 64 * GIB, disk: 100 * GIB },
      },
      runtimes: [createDockerRuntime({ workerId: nodeId, dockerHost: engine.dockerHost, ...runtime })],
      manager: undefined,
      machine: new SteadyMachine(),
      ...(settings === undefined ? {} : { settings }),
      ...(mostStarts === undefined ? {} : { mostStarts }),
      onFatal: (error) => {
        throw error;
      },
      log: { info: say, warn: say },
    });
  }

  static async start(engine: TestEngine, options: DockerWorkerOptions = {}): Promise<DockerWorker> {
    const worker = new DockerWorker(engine, options);
    await worker.host.open();
    return worker;
  }

  /** Starts the task; why it was refused is thrown. */
  async submit(document: TaskDocument): Promise<TaskId> {
    const id = parseTaskId(randomUUID());
    if (id === undefined) throw new Error("randomUUID made no UUID");
    const outcome = await this.host.submit([{ ...document, id }]);
    if (outcome.kind !== "accepted") throw new Error(outcome.kind === "refused" ? outcome.reason : "its id is taken");
    return id;
  }

  /** Starts the task and waits until it runs. */
  async run(document: TaskDocument): Promise<TaskId> {
    const id = await this.submit(document);
    await this.untilUp(id);
    return id;
  }

  async task(id: TaskId): Promise<Task> {
    const view = await this.host.task(id);
    if (view === undefined) throw new Error(`the worker has no task ${id}`);
    return view.task;
  }

  /** Waits until the task is in this state. */
  async until(id: TaskId, state: TaskState): Promise<Task> {
    return vi.waitFor(async () => {
      const task = await this.task(id);
      if (task.state !== state) throw new Error(`it is ${task.state}: ${task.reason}`);
      return task;
    }, WAIT);
  }

  /** Waits until this run of the task, by the number of its restarts, is up. */
  async untilUp(id: TaskId, restarts = 0): Promise<Task> {
    return vi.waitFor(async () => {
      const task = await this.task(id);
      if (task.restarts !== restarts || !task.reason.startsWith("running"))
        throw new Error(`it is ${task.state} after ${String(task.restarts)} restarts: ${task.reason}`);
      return task;
    }, WAIT);
  }

  /** The engine's handle of the container of one of the task's runs. */
  container(task: TaskId, restart = 0): ReturnType<TestEngine["docker"]["getContainer"]> {
    return this.#engine.docker.getContainer(instanceName({ task, attempt: 1, restart }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.close();
  }
}
