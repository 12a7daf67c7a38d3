/**
 * Who may speak for a node, and what they say.
 *
 * A node is its id (as lasting as the worker's data directory); a session belongs to one process of it (an instance).
 * A new instance supersedes the old at once. One that was superseded and comes back shows that two machines run from
 * the same data directory: then both are refused, since neither can be believed. A name belongs to one node.
 */
import { PROTOCOL_VERSION, type Hello, type Refusal, type WorkerFrame } from "../../protocol/messages.ts";
import { attemptKey, type AttemptKey, type TaskId } from "../../task/id.ts";
import { smoothUse } from "../../scheduler/smoothing.ts";
import type { NodeFacts } from "../../node/node.ts";
import type { Now } from "../../utils/clock.ts";
import { giveOrder, isPlaced, type Applier } from "./apply.ts";
import type { ManagerEvent, SessionId } from "./events.ts";
import { ManagedNode } from "./managed-node.ts";
import { takeItem, takeReport, type ReportContext } from "./reports.ts";
import { Session } from "./session.ts";
import type { ManagerState } from "./state.ts";
import { requestStop } from "./submission.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

/** A worker introduces itself and says everything it has; it is refused, or answered with verdicts and orders. */
export function takeHello(state: ManagerState, apply: Applier, event: Of<"helloReceived">, now: Now): void {
  const { session: sessionId, hello } = event;
  const refusal = refusalOf(state, apply, hello);
  if (refusal !== undefined) {
    apply.send(sessionId, refusal);
    apply.close(sessionId);
    return;
  }
  surpassEpoch(state, apply, hello);
  const node = admit(state, apply, hello, now);
  const session = openSession(state, apply, { node, sessionId, instanceId: hello.instanceId });
  apply.send(sessionId, {
    kind: "welcome",
    version: PROTOCOL_VERSION,
    clusterId: state.cluster.clusterId,
    epoch: state.cluster.epoch,
    heartbeatMs: state.settings.heartbeatMs,
  });
  const context = reportContext({ state, apply, node, now, endedIds: event.endedIds });
  const reported = takeItems(context, session, hello);
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined && isPlaced(task) && !reported.has(attemptKey(id, task.attempt))) giveOrder(session, task);
  }
  if (hello.use !== undefined) takeUse(node, hello.use, state, now);
  apply.node(node, { durable: true, mayLetIn: true });
}

/** News of a worker. A gap in the numbers closes the connection: the next hello says everything again. */
export function takeFrame(state: ManagerState, apply: Applier, event: Of<"frameReceived">, now: Now): void {
  const { session: sessionId, frame } = event;
  const session = state.sessions.get(sessionId);
  const node = session === undefined ? undefined : state.nodes.get(session.nodeId);
  if (session === undefined || node === undefined) return;
  if (frame.rev !== session.received + 1) {
    apply.close(sessionId);
    dropSession(state, session);
    return;
  }
  session.acknowledge(frame.rev);
  heard(node, now);
  if (node.status !== "ready") setStatus(apply, node, "ready", "");
  const context = reportContext({ state, apply, node, now, endedIds: event.endedIds });
  for (const report of frame.reports) {
    const verdict = takeReport(context, report);
    if (verdict !== undefined) session.verdict(verdict);
  }
  takeItems(context, session, frame);
  for (const { task, attempt } of frame.stopRequests ?? []) {
    const wanted = state.tasks.get(task);
    if (wanted?.attempt === attempt)
      requestStop(state, apply, { task: wanted, cause: `requested on ${node.name}` }, now);
  }
  if (frame.use !== undefined) {
    takeUse(node, frame.use, state, now);
    apply.node(node);
  }
  if (frame.leaving === true) setStatus(apply, node, "left", "its worker was shut down; its tasks run on");
}

export function closeSession(state: ManagerState, id: SessionId): void {
  const session = state.sessions.get(id);
  if (session !== undefined) dropSession(state, session);
}

/** Marks the nodes that have been silent for too long. */
export function noticeSilence(state: ManagerState, apply: Applier, now: Now): void {
  for (const node of state.nodes.values()) {
    const silenceMs = now.mono - node.heardMono;
    if (node.status !== "ready" || silenceMs < state.settings.unreachableMs) continue;
    setStatus(
      apply,
      node,
      "unreachable",
      `not heard for ${String(Math.round(silenceMs / 1000))} s; its tasks are left as they are`,
    );
  }
}

function refusalOf(state: ManagerState, apply: Applier, hello: Hello): Refusal | undefined {
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
  setStatus(apply, known, "unreachable", detail);
  return refusal;
}

/** A worker that has seen a later epoch than this store has shows that the store was rolled back. */
function surpassEpoch(state: ManagerState, apply: Applier, hello: Hello): void {
  const { clusterId, epoch } = state.cluster;
  if (hello.clusterId !== clusterId || hello.epoch === undefined || hello.epoch <= epoch) return;
  apply.cluster({ clusterId, epoch: hello.epoch + 1 });
  const reason = `node ${hello.node.name} has seen epoch ${String(hello.epoch)}, the store knew ${String(epoch)}: it was rolled back; going on as ${String(hello.epoch + 1)}`;
  apply.event({ kind: "manager", reason });
}

function admit(state: ManagerState, apply: Applier, hello: Hello, now: Now): ManagedNode {
  const facts = hello.node;
  const namesake = state.nodeNamed(facts.name);
  if (namesake !== undefined && namesake.id !== facts.nodeId) apply.removeNode(namesake);
  const known = state.nodes.get(facts.nodeId);
  if (known === undefined) return join(state, apply, facts, now);
  if (known.name !== facts.name) {
    state.nodeIds.delete(known.name);
    state.nodeIds.set(facts.name, known.id);
  }
  known.facts = facts;
  known.ledger.capacity = facts.capacity;
  heard(known, now);
  if (known.status !== "ready") setStatus(apply, known, "ready", "");
  return known;
}

function join(state: ManagerState, apply: Applier, facts: NodeFacts, now: Now): ManagedNode {
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

interface NewSession {
  readonly node: ManagedNode;
  readonly sessionId: SessionId;
  readonly instanceId: string;
}

function openSession(state: ManagerState, apply: Applier, { node, sessionId, instanceId }: NewSession): Session {
  const old = node.session;
  if (old !== undefined) {
    if (old.instanceId !== instanceId) {
      node.superseded.add(old.instanceId);
      const detail = `another worker process took over node ${node.name}`;
      apply.send(old.id, { kind: "refusal", code: "superseded", detail });
    }
    apply.close(old.id);
    dropSession(state, old);
  }
  const session = new Session({ id: sessionId, nodeId: node.id, instanceId }, state.dueSessions);
  session.acknowledge(0);
  state.sessions.set(sessionId, session);
  node.session = session;
  return session;
}

function dropSession(state: ManagerState, session: Session): void {
  state.sessions.delete(session.id);
  state.dueSessions.delete(session);
  const node = state.nodes.get(session.nodeId);
  if (node?.session === session) node.session = undefined;
}

/** Gives every item its verdict; the keys of what was reported. */
function takeItems(context: ReportContext, session: Session, message: Hello | WorkerFrame): Set<AttemptKey> {
  const reported = new Set<AttemptKey>();
  for (const item of message.items ?? []) {
    const document = message.specs?.[item.spec];
    if (document === undefined) continue;
    reported.add(attemptKey(item.task, item.attempt));
    const verdict = takeItem(context, item, document);
    if (verdict !== undefined) session.verdict(verdict);
  }
  return reported;
}

function takeUse(node: ManagedNode, usage: NonNullable<Hello["use"]>, state: ManagerState, now: Now): void {
  const elapsedMs = node.lastUseMono === 0 ? undefined : now.mono - node.lastUseMono;
  node.used = smoothUse(node.used, usage.node, { elapsedMs, constantMs: state.settings.useSmoothingMs });
  node.lastUse = usage.node;
  node.lastUseMono = now.mono;
  node.taskUse.clear();
  for (const [key, use] of Object.entries(usage.tasks)) node.taskUse.set(key as AttemptKey, use);
}

function heard(node: ManagedNode, now: Now): void {
  node.heardMono = now.mono;
  node.lastSeenAt = now.wall;
}

export function setStatus(apply: Applier, node: ManagedNode, status: ManagedNode["status"], reason: string): void {
  const from = node.status;
  node.status = status;
  node.reason = reason;
  apply.node(node, { durable: true, mayLetIn: status === "ready" });
  if (from !== status) {
    const sentence = reason === "" ? "its worker is connected" : reason;
    apply.event({ kind: "node", node: node.name, from, to: status, reason: sentence });
  }
}

interface Situation extends Omit<ReportContext, "hasEnded"> {
  readonly endedIds: ReadonlySet<TaskId>;
}

function reportContext({ endedIds, ...rest }: Situation): ReportContext {
  return { ...rest, hasEnded: (task) => endedIds.has(task) || rest.state.endedRecently(task) };
}
