import { join } from "node:path";
import type { Logger } from "pino";
import type { RuntimeKind } from "../../task/document.ts";
import type { ImageSettings } from "../../worker/runtimes/docker/image-collector.ts";
import type { Runtime } from "../../worker/runtimes/runtime.ts";

export interface RuntimeParts {
  readonly workerId: string;
  /** For what the runtime itself keeps on disk. */
  readonly directory: string;
  /** When images that it pulled are removed; absent: never. */
  readonly images?: ImageSettings;
  readonly log: Logger;
}

/** Loads the runtime that is asked for, and no other: an engine's client is not small. */
export async function createRuntime(
  kind: RuntimeKind,
  { workerId, directory, images, log }: RuntimeParts,
): Promise<Runtime> {
  switch (kind) {
    case "docker": {
      const { createDockerRuntime } = await import("../../worker/runtimes/docker/docker-runtime.ts");
      const kept = images === undefined ? {} : { images: { file: join(directory, "images.json"), settings: images } };
      return createDockerRuntime({ workerId, logger: log, ...kept });
    }
    case "process": {
      const { createProcessRuntime } = await import("../../worker/runtimes/process/process-runtime.ts");
      return createProcessRuntime({ workerId, directory });
    }
    case "hollow": {
      const { createHollowRuntime } = await import("../../worker/runtimes/hollow/hollow-runtime.ts");
      return createHollowRuntime({ workerId });
    }
  }
}
