/**
 * Who may be a node of this cluster, under which name, and whether it is there.
 *
 * A node is its id (as lasting as the worker's data directory); a session belongs to one process of it (an instance).
 * A new instance supersedes the old at once. One that was superseded and comes back shows that two machines run from
 * the same data directory: then both are refused, since neither can be believed. A name belongs to one node.
 */
import { PROTOCOL_VERSION, type Hello, type Refusal } from "../../protocol/messages.ts";
import type { NodeFacts, NodeStatus } from "../../node/node.ts";
import type { Now } from "../../utils/clock.ts";
import type { Applier } from "./apply.ts";
import { ManagedNode } from "./managed-node.ts";
import type { Session } from "./session.ts";
import type { ManagerState } from "./state.ts";

/** Why the worker cannot join, with what to do about it; undefined when it can. */
export function refusalOf(apply: Applier, hello: Hello): Refusal | undefined {
  const { state } = apply;
  if (hello.version !== PROTOCOL_VERSION) {
    const detail = `this manager speaks version ${String(PROTOCOL_VERSION)} of the protocol, the worker version ${String(hello.version)}: run the same release of birdman on both`;
    return { kind: "refusal", code: "version_mismatch", detail };
  }
  const { nodeId, name } = hello.node;
  const namesake = state.nodeNamed(name);
  if (namesake !== undefined && namesake.id !== nodeId && !(namesake.status === "left" && namesake.tasks.size === 0)) {
    const detail = `a node named ${name} with another data directory is already part of this cluster (${namesake.status}): give this worker another --name, or, when the old one is gone for good, run: birdman node remove ${name}`;
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
  setStatus(apply, known, { status: "unreachable", reason: detail });
  return refusal;
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
  if (known.status !== "ready") setStatus(apply, known, READY);
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
  state.nodes.set(node.id, node);
  state.nodeIds.set(node.name, node.id);
  apply.event({ kind: "node", node: node.name, to: "ready", reason: "joined the cluster" });
  return node;
}

/** Marks the nodes that have been silent for too long. */
export function noticeSilence(apply: Applier): void {
  const { state, now } = apply;
  for (const node of state.nodes.values()) {
    const silenceMs = now.mono - node.heardMono;
    if (node.status !== "ready" || silenceMs < state.settings.unreachableMs) continue;
    const reason = `not heard for ${String(Math.round(silenceMs / 1000))} s; its tasks are left as they are`;
    setStatus(apply, node, { status: "unreachable", reason });
  }
}

/** It has spoken just now. */
export function heard(node: ManagedNode, now: Now): void {
  node.heardMono = now.mono;
  node.lastSeenAt = now.wall;
}

export interface Standing {
  readonly status: NodeStatus;
  /** A sentence; empty where there is nothing to say. */
  readonly reason: string;
}

export const READY: Standing = { status: "ready", reason: "" };

export function setStatus(apply: Applier, node: ManagedNode, { status, reason }: Standing): void {
  const from = node.status;
  node.status = status;
  node.reason = reason;
  apply.node(node, { durable: true, mayLetIn: status === "ready" });
  if (from !== status) {
    const sentence = reason === "" ? "its worker is connected" : reason;
    apply.event({ kind: "node", node: node.name, from, to: status, reason: sentence });
  }
}

/** The connection counts no more; its node may have another. */
export function dropSession(state: ManagerState, session: Session): void {
  state.sessions.delete(session.id);
  state.dueSessions.delete(session);
  const node = state.nodes.get(session.nodeId);
  if (node?.session === session) node.session = undefined;
}
