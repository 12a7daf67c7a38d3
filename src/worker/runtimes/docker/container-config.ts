/** A start request in the engine's words: what is sent to create the container. */
import type { ContainerCreateOptions, MountSettings } from "dockerode";
import { environment, type VolumeMount } from "../../../task/spec.ts";
import { StartError, type StartRequest } from "../runtime.ts";
import { labelsOf } from "./labels.ts";

/** Output kept for each container: 3 files of 10 MB, the oldest is dropped. */
const LOG_CONFIG = { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } } as const;

/**
 * The container that the request asks for, in the named network, or in the engine's default one. What the spec does not
 * limit is not limited; swap is none beyond the memory limit, so that the limit is real. Disk is reserved only: the
 * engines' storage cannot limit it in general. Throws a StartError when there is no image.
 */
export function containerConfig(
  workerId: string,
  request: StartRequest,
  network: string | undefined,
): ContainerCreateOptions {
  const { spec, ports } = request;
  const { document, limits } = spec;
  if (document.image === undefined) throw new StartError("spec", "the docker runtime needs an image: name one");
  return {
    Image: document.image,
    Cmd: document.command,
    Entrypoint: document.entrypoint,
    Env: Object.entries(variables(request)).map(([name, value]) => `${name}=${value}`),
    User: document.user,
    WorkingDir: document.workingDir,
    Labels: labelsOf(workerId, request),
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [`${String(port.container)}/${port.protocol}`, {}])),
    HostConfig: {
      NanoCpus: limits.cpu === undefined ? undefined : Math.round(limits.cpu * 1e9),
      Memory: limits.memory,
      MemorySwap: limits.memory,
      Mounts: spec.volumes.map(mountOf),
      PortBindings: portBindings(ports),
      NetworkMode: network,
      RestartPolicy: { Name: "no" },
      LogConfig: LOG_CONFIG,
    },
  };
}

function variables({ ref, taskName, nodeName, spec }: StartRequest): Record<string, string> {
  return {
    ...environment(spec.document),
    BIRDMAN_TASK_ID: ref.task,
    BIRDMAN_TASK_NAME: taskName,
    BIRDMAN_ATTEMPT: String(ref.attempt),
    BIRDMAN_NODE: nodeName,
  };
}

/** A path of the host is mounted as it is and has to exist; anything else is the name of a volume, made if need be. */
function mountOf({ source, target, readOnly }: VolumeMount): MountSettings {
  return { Type: source.startsWith("/") ? "bind" : "volume", Source: source, Target: target, ReadOnly: readOnly };
}

/** Where the engine publishes a port. */
export interface EngineBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

function portBindings(ports: StartRequest["ports"]): Record<string, EngineBinding[]> {
  const bindings: Record<string, EngineBinding[]> = {};
  for (const { container, host, protocol, address } of ports) {
    (bindings[`${String(container)}/${protocol}`] ??= []).push({ HostIp: address, HostPort: String(host) });
  }
  return bindings;
}
