/**
 * Keeps the workers' leases while the store takes nothing and the core no steps: a manager whose disk is full is there,
 * and no reason to stop a task. It acknowledges what workers send and takes nothing of it; when the store works again
 * they connect anew and say everything once more.
 */
import { PROTOCOL_VERSION, type ManagerMessage, type WorkerMessage } from "../protocol/messages.ts";
import type { SessionId } from "./core/events.ts";
import type { ManagerState } from "./core/state.ts";

export class LeaseKeeper {
  /** Frames sent in each session. */
  readonly #sent = new Map<SessionId, number>();

  /** What is answered to a worker; undefined for one that is not of this cluster, or not known to be welcome. */
  answer(session: SessionId, message: WorkerMessage, state: ManagerState): readonly ManagerMessage[] | undefined {
    const sent = this.#sent.get(session);
    if (message.kind === "frame") {
      return sent === undefined ? undefined : [this.#acknowledge(session, sent, message.rev)];
    }
    const { nodeId, name } = message.node;
    const known = state.nodes.get(nodeId);
    if (known?.name !== name || message.version !== PROTOCOL_VERSION) return undefined;
    const { clusterId, epoch } = state.cluster;
    const { heartbeatMs, leaseMs } = state.settings;
    const welcome = { kind: "welcome", version: PROTOCOL_VERSION, clusterId, epoch, heartbeatMs, leaseMs } as const;
    return [welcome, this.#acknowledge(session, 0, 0)];
  }

  forget(session: SessionId): void {
    this.#sent.delete(session);
  }

  #acknowledge(session: SessionId, sent: number, ack: number): ManagerMessage {
    this.#sent.set(session, sent + 1);
    return { kind: "frame", rev: sent + 1, ack, specs: [], stop: [], verdicts: [], assign: [] };
  }
}
