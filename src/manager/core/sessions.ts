/** What a worker says over its session, and what it is answered. Who it may be is decided in `joining.ts`. */
import { PROTOCOL_VERSION, type Hello, type Usage, type WorkerFrame } from "../../protocol/messages.ts";
import type { TaskUse } from "../../node/node.ts";
import type { Now } from "../../utils/clock.ts";
import { attemptKey, parseAttemptKey, type AttemptKey, type TaskId } from "../../task/id.ts";
import { smoothUse } from "../../scheduler/smoothing.ts";
import { giveOrder, isPlaced, type Applier } from "./apply.ts";
import { takeSick } from "./engines.ts";
import type { ManagerEvent, SessionId } from "./events.ts";
import { admitNode, refusalOf, surpassEpoch } from "./joining.ts";
import { cameBack, dropSession, heard, setStatus, type Standing } from "./liveness.ts";
import type { ManagedNode } from "./managed-node.ts";
import { releaseStrays, takeItem, takeReport, type ReportContext } from "./reports.ts";
import { Session } from "./session.ts";
import type { ManagerState } from "./state.ts";
import { requestStop } from "./submission.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

const LEFT: Standing = { status: "left", reason: "its worker was shut down; its tasks run on for a while" };

/** A worker introduces itself and says everything it has; it is refused, or answered with verdicts and orders. */
export function takeHello(apply: Applier, event: Of<"helloReceived">): void {
  const { session: sessionId, hello } = event;
  const { state } = apply;
  const refusal = refusalOf(apply, hello);
  if (refusal !== undefined) {
    apply.send(sessionId, refusal);
    apply.close(sessionId);
    return;
  }
  surpassEpoch(apply, hello);
  const node = admitNode(apply, hello.node);
  const session = openSession(apply, node, event);
  const { clusterId, epoch } = state.cluster;
  const { heartbeatMs, leaseMs } = state.settings;
  apply.send(sessionId, { kind: "welcome", version: PROTOCOL_VERSION, clusterId, epoch, heartbeatMs, leaseMs });
  const context = reportContext(apply, node, event.endedIds);
  const reported = takeItems(context, session, hello);
  releaseStrays(context, reported);
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined && isPlaced(task) && !reported.has(attemptKey(id, task.attempt))) giveOrder(session, task);
  }
  node.taskUse = new Map();
  if (hello.use !== undefined) takeUse(apply, node, hello.use);
  takeClock(node, hello, apply.now);
  takeSick(apply, node, hello.sick);
  apply.node(node, { durable: true, mayLetIn: true });
}

/** News of a worker. A gap in the numbers closes the connection: the next hello says everything again. */
export function takeFrame(apply: Applier, event: Of<"frameReceived">): void {
  const { session: sessionId, frame } = event;
  const { state, now } = apply;
  const session = state.sessions.get(sessionId);
  const node = session === undefined ? undefined : state.nodes.get(session.nodeId);
  if (session === undefined || node === undefined) return;
  if (frame.rev !== session.received + 1) {
    apply.close(sessionId);
    dropSession(state, session);
    return;
  }
  const isHeartbeat = frame.reports.length === 0 && frame.items === undefined;
  session.acknowledge(frame.rev, isHeartbeat ? undefined : apply.patientMono(session));
  heard(node, now);
  if (frame.leaving === true) setStatus(apply, node, LEFT);
  else if (node.status !== "ready") cameBack(apply, node);
  const context = reportContext(apply, node, event.endedIds);
  for (const report of frame.reports) {
    const verdict = takeReport(context, report);
    if (verdict !== undefined) session.verdict(verdict);
  }
  takeItems(context, session, frame);
  for (const { task: id, attempt } of frame.stopRequests ?? []) {
    const task = state.tasks.get(id);
    if (task?.attempt === attempt) requestStop(apply, task, `requested on ${node.name}`);
  }
  takeSick(apply, node, frame.sick);
  takeClock(node, frame, now);
  if (frame.use !== undefined) {
    takeUse(apply, node, frame.use);
    apply.node(node);
  }
}

export function closeSession(state: ManagerState, id: SessionId): void {
  const session = state.sessions.get(id);
  if (session !== undefined) dropSession(state, session);
}

/** The node's session from now on; the one it had, of this or of another process, is closed. */
function openSession(apply: Applier, node: ManagedNode, { session: id, hello }: Of<"helloReceived">): Session {
  const { state } = apply;
  const { instanceId } = hello;
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
  const session = new Session({ id, nodeId: node.id, instanceId }, state.dueSessions);
  session.acknowledge(0);
  state.sessions.set(id, session);
  node.session = session;
  return session;
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

function takeUse({ state, now }: Applier, node: ManagedNode, usage: Usage): void {
  const elapsedMs = node.lastUseMono === 0 ? undefined : now.mono - node.lastUseMono;
  node.used = smoothUse(node.used, usage.node, { elapsedMs, constantMs: state.settings.useSmoothingMs });
  node.lastUse = usage.node;
  node.lastUseMono = now.mono;
  if (usage.tasks !== undefined) node.taskUse = withNews(node, usage.tasks, state);
}

/** The uses of the node's tasks, by the ids that the tasks hold: a key of its own for each would cost as much as the use. */
function withNews(
  node: ManagedNode,
  news: NonNullable<Usage["tasks"]>,
  { tasks }: ManagerState,
): ReadonlyMap<TaskId, TaskUse> {
  const uses = new Map(node.taskUse);
  for (const [key, use] of Object.entries(news)) {
    const { id, attempt } = parseAttemptKey(key);
    const task = tasks.get(id);
    if (task === undefined || task.nodeId !== node.id || task.attempt !== attempt) continue;
    if (use === null) uses.delete(task.id);
    else uses.set(task.id, use);
  }
  return uses;
}

function takeClock(node: ManagedNode, { at }: Hello | WorkerFrame, { wall }: Now): void {
  if (at !== undefined) node.clockSkewMs = at - wall;
}

function reportContext(apply: Applier, node: ManagedNode, endedIds: ReadonlySet<TaskId>): ReportContext {
  return { apply, node, hasEnded: (task) => endedIds.has(task) || apply.state.endedRecently(task) };
}
