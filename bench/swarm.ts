/** Docker Swarm on the engine under test, as a peer: a service of N replicas, timed until N of its containers have started. */
import type Docker from "dockerode";
import { BUSYBOX } from "../test/support/engines.ts";

export interface Swarm {
  /** Milliseconds from creating the service until all its containers have started. */
  round(count: number, command: readonly string[]): Promise<number>;
  /** Leaves the swarm, and takes away the bridge that it made on this machine. */
  close(): Promise<void>;
}

/** Undefined, and said so, where the engine cannot be a swarm. */
export async function prepareSwarm(docker: Docker, say: (line: string) => void): Promise<Swarm | undefined> {
  try {
    await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  } catch (error) {
    say(`Docker Swarm is left out: ${String(error)}`);
    return undefined;
  }
  return {
    round: (count, command) => round(docker, count, command),
    async close() {
      await docker.swarmLeave({ force: true });
      await docker.getNetwork("docker_gwbridge").remove();
    },
  };
}

async function round(docker: Docker, count: number, command: readonly string[]): Promise<number> {
  const stream = await docker.getEvents({ filters: { type: ["container"], event: ["start"] } });
  const allStarted = new Promise<void>((resolve, reject) => {
    let started = 0;
    stream.on("data", (data: Buffer) => {
      started += data
        .toString()
        .split("\n")
        .filter((line) => line.includes("com.docker.swarm.service.id")).length;
      if (started >= count) resolve();
    });
    stream.on("error", reject);
  });
  const start = performance.now();
  const service = await docker.createService({
    Name: `bench-${String(Math.round(start))}`,
    TaskTemplate: {
      ContainerSpec: { Image: BUSYBOX, Command: [...command], StopGracePeriod: 0 },
    },
    Mode: { Replicated: { Replicas: count } },
  });
  await allStarted;
  const took = performance.now() - start;
  (stream as unknown as { destroy(): void }).destroy();
  await service.remove();
  await untilGone(docker);
  return took;
}

async function untilGone(docker: Docker): Promise<void> {
  const filters = { label: ["com.docker.swarm.service.id"] };
  for (;;) {
    const left = await docker.listContainers({ all: true, filters });
    if (left.length === 0) return;
    await Promise.allSettled(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
  }
}
