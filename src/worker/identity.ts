/** Who this worker is: made with its data directory, and as lasting as that. */
import { randomUUID } from "node:crypto";
import type { Store } from "../store/store.ts";
import { WORKER_TABLES } from "./core/state.ts";

const KEY = "nodeId";

/**
 * The node's id. A new data directory gets a new one, or takes over `claim`: the id of a worker whose data directory
 * was lost, so that what that one started can be adopted. Throws when the directory already has another.
 */
export async function workerIdentity(store: Store, claim: string | undefined): Promise<string> {
  const known = store.get(WORKER_TABLES.meta, KEY);
  if (known !== undefined && claim !== undefined && claim !== known) {
    throw new Error(
      `this data directory belongs to node ${known}, so it cannot claim ${claim}: leave --claim out, or name a new --data-dir`,
    );
  }
  if (known !== undefined) return known;
  const nodeId = claim ?? randomUUID();
  await store.commit([{ table: WORKER_TABLES.meta, key: KEY, value: nodeId }]);
  return nodeId;
}
