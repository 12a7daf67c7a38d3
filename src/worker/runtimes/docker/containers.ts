/** The worker's containers as the engine knows them, in the words of `Runtime`. A container of another worker is none. */
import type { Container, ContainerInspectInfo } from "dockerode";
import type { PortBinding } from "../../../task/task.ts";
import { instanceName, type Exit, type Instance, type InstanceRef } from "../runtime.ts";
import type { EngineBinding } from "./container-config.ts";
import { hasStatus } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { instanceLabelOf, refOf, WORKER_LABEL } from "./labels.ts";

/** Questions asked of the engine at the same time while it lists. */
const LIST_CONCURRENCY = 16;

export class Containers {
  readonly #engine: Engine;
  readonly #workerId: string;

  constructor(engine: Engine, workerId: string) {
    this.#engine = engine;
    this.#workerId = workerId;
  }

  /** Only these labels are ours; the filter of lists and events. */
  get labelFilter(): string {
    return `${WORKER_LABEL}=${this.#workerId}`;
  }

  /** The engine's handle of a container, which is not asked whether it exists. */
  handle(nameOrId: string): Container {
    return this.#engine.docker.getContainer(nameOrId);
  }

  /** What the engine says of a container; undefined when there is none of this name. */
  async inspect(nameOrId: string): Promise<ContainerInspectInfo | undefined> {
    try {
      return await this.#engine.call({ what: `a look at container ${nameOrId}` }, (abortSignal) =>
        this.handle(nameOrId).inspect({ abortSignal }),
      );
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  isOwn({ Config }: ContainerInspectInfo): boolean {
    return Config.Labels[WORKER_LABEL] === this.#workerId;
  }

  /** The same, for an instance of this worker. */
  async find(ref: InstanceRef): Promise<ContainerInspectInfo | undefined> {
    const found = await this.inspect(instanceName(ref));
    return found !== undefined && this.isOwn(found) ? found : undefined;
  }

  /** Removes a container and its anonymous volumes, whatever it is doing. One that is not there is no error. */
  async remove(nameOrId: string): Promise<void> {
    const what = `the removal of container ${nameOrId}`;
    try {
      await this.#engine.call({ what }, (abortSignal) =>
        this.handle(nameOrId).remove({ force: true, v: true, abortSignal }),
      );
    } catch (error) {
      if (hasStatus(error, 404)) return;
      if (!hasStatus(error, 409) || !/removal .* in progress/.test(String(error))) throw error;
      // Someone else is removing it: wait for that.
      await this.#engine.call({ what }, (abortSignal) =>
        this.handle(nameOrId).wait({ condition: "removed", abortSignal }),
      );
    }
  }

  /** Lets a paused container go on. One that is not paused, or not there, is no error. */
  async resume(id: string): Promise<void> {
    try {
      await this.#engine.call({ what: `the resumption of container ${id.slice(0, 12)}` }, (abortSignal) =>
        this.handle(id).unpause({ abortSignal }),
      );
    } catch (error) {
      if (!hasStatus(error, 404) && !/not paused/.test(String(error))) throw error;
    }
  }

  async list(): Promise<Instance[]> {
    const listed = await this.#engine.call({ what: "the list of containers" }, (abortSignal) =>
      this.#engine.docker.listContainers({ all: true, filters: { label: [this.labelFilter] }, abortSignal }),
    );
    const instances: Instance[] = [];
    const waiting = listed.map(({ Id }) => Id);
    const work = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        const found = await this.inspect(id);
        const instance = found === undefined ? undefined : instanceOf(found);
        if (instance !== undefined) instances.push(instance);
      }
    };
    await Promise.all(Array.from({ length: LIST_CONCURRENCY }, work));
    return instances;
  }
}

/** An instance from its container; undefined when it is being removed, or is none. */
function instanceOf(container: ContainerInspectInfo): Instance | undefined {
  const { Labels: labels } = container.Config;
  const ref = refOf(labels, container.Name.replace(/^\//, ""));
  if (ref === undefined || container.State.Status === "removing") return undefined;
  return {
    ref,
    containerId: container.Id,
    ports: portsOf(container),
    label: instanceLabelOf(labels),
    startedAt: startedAtOf(container),
    exit: exitOf(container),
    running: isUp(container),
    paused: container.State.Paused,
  };
}

/** Running or paused: to Docker the latter runs, to Podman it does not. */
export function isUp({ State }: ContainerInspectInfo): boolean {
  return State.Running || State.Paused;
}

/** When it was started, wall clock in milliseconds; undefined when it never was. */
export function startedAtOf({ State }: ContainerInspectInfo): number | undefined {
  return timeOf(State.StartedAt);
}

/** How it ended; undefined when it runs or was never started. */
export function exitOf(container: ContainerInspectInfo): Exit | undefined {
  const { State } = container;
  const finishedAt = timeOf(State.FinishedAt);
  if (isUp(container) || finishedAt === undefined || State.Status === "created") return undefined;
  return { exitCode: State.ExitCode, oomKilled: State.OOMKilled, finishedAt };
}

function portsOf({ HostConfig }: ContainerInspectInfo): PortBinding[] {
  const bindings: PortBinding[] = [];
  const published = HostConfig.PortBindings as Readonly<Record<string, readonly EngineBinding[] | null>> | null;
  for (const [key, places] of Object.entries(published ?? {})) {
    const [container, protocol] = key.split("/");
    for (const { HostIp: address, HostPort: host } of places ?? []) {
      const binding = { container: Number(container), host: Number(host), address };
      bindings.push({ ...binding, protocol: protocol === "udp" ? "udp" : "tcp" });
    }
  }
  return bindings;
}

/** The engine's time in milliseconds; the year 1 is its way to say never. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return time > 0 ? time : undefined;
}
