/** What a container engine says of itself, for people who want to know whether it will do. */
import type { DockerVersion } from "dockerode";
import { DEFAULT_DOCKER_HOST, Engine } from "./engine.ts";

export interface EngineFacts {
  readonly address: string;
  /** Its processes and files are this machine's. */
  readonly isLocal: boolean;
  /** `Docker Engine 28.2.2`, `Podman Engine 4.3.1` */
  readonly version: string;
  readonly apiVersion: string;
  /** `1` or `2`; empty where it does not say. */
  readonly cgroupVersion: string;
  /** What it can limit. */
  readonly limits: Readonly<Record<"memory" | "cpu" | "processes", boolean>>;
  /** Containers run on while it is restarted. */
  readonly liveRestore: boolean;
  /** Where its data is. */
  readonly root: string;
}

interface Info {
  readonly CgroupVersion?: string;
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  readonly LiveRestoreEnabled?: boolean;
  readonly DockerRootDir?: string;
}

/** Older engines do not name their parts. */
type Version = Omit<DockerVersion, "Components"> & Partial<Pick<DockerVersion, "Components">>;

/**
 * Asks the engine at `DOCKER_HOST`, or at Docker's own default.
 *
 * @param timeoutMs for each of two questions
 */
export async function engineFacts(timeoutMs: number): Promise<EngineFacts> {
  const engine = new Engine(process.env["DOCKER_HOST"] ?? DEFAULT_DOCKER_HOST);
  try {
    const version = await engine.call<Version>({ what: "its version", timeoutMs }, () => engine.docker.version());
    const info = await engine.call<Info>(
      { what: "what it can do", timeoutMs },
      () => engine.docker.info() as Promise<Info>,
    );
    return {
      address: engine.address,
      isLocal: engine.isLocal,
      version: `${version.Components?.[0]?.Name ?? "engine"} ${version.Version}`,
      apiVersion: version.ApiVersion,
      cgroupVersion: info.CgroupVersion ?? "",
      limits: {
        memory: info.MemoryLimit === true,
        cpu: info.CpuCfsQuota === true,
        processes: info.PidsLimit === true,
      },
      liveRestore: info.LiveRestoreEnabled === true,
      root: info.DockerRootDir ?? "",
    };
  } finally {
    engine.close();
  }
}
