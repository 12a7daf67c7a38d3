/** An engine beside a registry that lets in one user only. */
import { startDockerd, startPodman, startRegistry, type TestEngine, type TestRegistry } from "./engines.ts";
import { freePort } from "./sockets.ts";

export const ANN = { username: "ann", password: "correct horse" };

/** The engines, which take the registry on loopback without TLS. */
const ENGINES = {
  docker: () => startDockerd(),
  podman: (registry: string) => startPodman({ insecureRegistry: registry }),
};

export interface Shop {
  readonly registry: TestRegistry;
  readonly engine: TestEngine;
  /** Pushes an image that the engine has under its name in the registry. */
  readonly push: (image: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openShop(kind: keyof typeof ENGINES): Promise<Shop> {
  const registry = await startRegistry({ ...ANN, port: await freePort() });
  const engine = await ENGINES[kind](registry.address);
  return {
    registry,
    engine,
    push: async (image) => {
      const authconfig = { ...ANN, serveraddress: registry.address };
      const pushed = await engine.docker.getImage(image).push({ authconfig });
      for await (const line of pushed) if (String(line).includes("error")) throw new Error(String(line));
    },
    close: async () => {
      await registry.stop();
      await engine.stop();
    },
  };
}
