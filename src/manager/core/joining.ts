/**
 * Who may be a node of this cluster, and under which name. Whether it is there: `liveness.ts`.
 *
 * A node is its id (as lasting as the worker's data directory); a session belongs to one process of it (an instance).
 * A new instance supersedes the old at once. One that was superseded and comes back shows that two machines run from
 * the same data directory: then both are refused, since neither can be believed. A name belongs to one node.
 */
import { PROTOCOL_VERSION, type Hello, type Refusal } from "../../protocol/messages.ts";
import type { NodeFacts } from "../../node/node.ts";
import type { Applier } from "./apply.ts";
import { cameBack, dropSession, heard, setStatus } from "./liveness.ts";
import { ManagedNode } from "./managed-node.ts";

/** Why the worker cannot join, with what to do about it; undefined when it can. */
export function refusalOf(apply: Applier, hello: Hello): Refusal | undefined {
  const { state } = apply;
  if (hello.version !== PROTOCOL_VERSION) {
    const detail = `this manager speaks version ${String(PROTOCOL_VERSION)} of the protocol, the worker version ${String(hello.version)}: run the same release of birdman on both`;
    return { kind: "refusal", code: "version_mismatch", detail };
  }
  const { nodeId, name } = hello.node;
  const namesake = state.nodeNamed(name);
  if (namesake !== undefined && namesake.id !== nodeId && !isGone(namesake)) {
    const detail = `a node named ${name} with another data directory is already part of this cluster (${namesake.status}): give this worker another --name; or, when the old one is gone for good, wait until it is lost, or run: birdman node remove ${name}`;
    return { kind: "refusal", code: "name_taken", detail };
  }
  const known = state.nodes.get(nodeId);
  if (known?.superseded.has(hello.instanceId) !== true) return undefined;
  const detail = `two workers run with the data directory of node ${name}: stop one of them, or give it a --data-dir of its own`;
  const refusal: Refusal = { kind: "refusal", code: "superseded", detail };
  if (known.session !== undefined) {
    known.superseded.add(known.session.instanceId);
    apply.send(known.session.id, refusal);
    apply.close(known.session.id);
    dropSession(state, known.session);
  }
  if (known.status !== "unreachable") setStatus(apply, known, { status: "unreachable", reason: detail });
  return refusal;
}

/** True of a node that another one may take the name of: it is down, and nothing is still expected to run there. */
function isGone({ status, tasks }: ManagedNode): boolean {
  return (status === "left" || status === "lost") && tasks.size === 0;
}

/** A worker that has seen a later epoch than this store has shows that the store was rolled back. */
export function surpassEpoch(apply: Applier, hello: Hello): void {
  const { clusterId, epoch } = apply.state.cluster;
  if (hello.clusterId !== clusterId || hello.epoch === undefined || hello.epoch <= epoch) return;
  apply.cluster({ clusterId, epoch: hello.epoch + 1 });
  const reason = `node ${hello.node.name} has seen epoch ${String(hello.epoch)}, the store knew ${String(epoch)}: it was rolled back; going on as ${String(hello.epoch + 1)}`;
  apply.event({ kind: "manager", reason });
}

/** The node that the hello speaks for: a known one with its facts as they are now, or a new one. */
export function admitNode(apply: Applier, facts: NodeFacts): ManagedNode {
  const { state, now } = apply;
  const namesake = state.nodeNamed(facts.name);
  if (namesake !== undefined && namesake.id !== facts.nodeId) apply.removeNode(namesake);
  const known = state.nodes.get(facts.nodeId);
  if (known === undefined) return join(apply, facts);
  if (known.name !== facts.name) {
    state.nodeIds.delete(known.name);
    state.nodeIds.set(facts.name, known.id);
  }
  known.facts = facts;
  known.ledger.capacity = facts.capacity;
  heard(known, now);
  if (known.status !== "ready") cameBack(apply, known);
  return known;
}

function join(apply: Applier, facts: NodeFacts): ManagedNode {
  const { state, now } = apply;
  state.lastJoined += 1;
  const record = {
    facts,
    joined: state.lastJoined,
    availability: "active",
    joinedAt: now.wall,
    lastSeenAt: now.wall,
    left: false,
  } as const;
  const node = new ManagedNode(record, "ready", "");
  heard(node, now);
  node.readySinceMono = now.mono;
  state.nodes.set(node.id, node);
  state.nodeIds.set(node.name, node.id);
  apply.event({ kind: "node", node: node.name, to: "ready", reason: "joined the cluster" });
  return node;
}
