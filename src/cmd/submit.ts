import { setTimeout as sleep } from "node:timers/promises";
import type { TaskJson } from "../api/task-json.ts";
import { ClientError } from "../client/client-error.ts";
import type { Birdman } from "../client/client.ts";

/** A manager that was killed has this long to come back, in tries and milliseconds between them. */
const TRIES = 20;
const PAUSE_MS = 250;

/**
 * Submits what the JSON holds. Where the connection is lost before the answer, nobody knows what became of it: it is sent
 * again under the same key, which keeps it from being accepted twice.
 */
export async function submitOnce(client: Birdman, json: string): Promise<TaskJson | readonly TaskJson[]> {
  const idempotencyKey = crypto.randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.submitJson(json, { idempotencyKey });
    } catch (error) {
      const isLost =
        error instanceof ClientError && error.isUnreachable && (tries > 1 || error.code === "connection_lost");
      if (!isLost || tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
