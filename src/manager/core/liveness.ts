/**
 * Who is there, and what becomes of the tasks of a node that is not. Silence counts only while this manager listened: a
 * look at the clock that comes late is credited to every node, and a start of the manager begins all counts anew.
 *
 * ready ──6 s──▶ unreachable ──15 s──▶ lost: its tasks are placed elsewhere. What must not run twice
 * (`onDisconnect: stop`) waits until its worker has ended it for certain, by `node/lease.ts`.
 */
import { surelyStoppedMs } from "../../node/lease.ts";
import type { NodeStatus } from "../../node/node.ts";
import { completed, progressed, returned } from "../../task/lifecycle.ts";
import type { Task } from "../../task/task.ts";
import type { Now } from "../../utils/clock.ts";
import type { Applier } from "./apply.ts";
import { checkBrake } from "./brake.ts";
import type { ManagedNode } from "./managed-node.ts";
import type { Session } from "./session.ts";
import type { ManagerState } from "./state.ts";

/** The clock is looked at this often at least. Milliseconds. */
const TICK_MS = 1000;

export interface Standing {
  readonly status: NodeStatus;
  /** A sentence; empty where there is nothing to say. */
  readonly reason: string;
}

const READY: Standing = { status: "ready", reason: "" };

/** A look at the clock. To be taken after all that has arrived: silence is what is left. */
export function watchNodes(apply: Applier): void {
  const { state, now } = apply;
  creditLateness(state, now);
  for (const node of state.nodes.values()) {
    if (node.status === "ready") node.readyMono = now.mono;
    const silenceMs = now.mono - node.heardMono;
    if (node.status === "ready" && silenceMs >= state.settings.unreachableMs) {
      const reason = `not heard for ${seconds(silenceMs)}; its tasks are left as they are`;
      setStatus(apply, node, { status: "unreachable", reason });
    }
  }
  checkBrake(apply);
  for (const node of state.nodes.values()) {
    if (node.status !== "ready") giveUp(apply, node);
    else if (node.calmUntilMono !== undefined && node.calmUntilMono <= now.mono) {
      node.calmUntilMono = undefined;
      node.reason = "";
      apply.node(node, { mayLetIn: true });
    }
  }
}

/** It has spoken just now. */
export function heard(node: ManagedNode, now: Now): void {
  node.heardMono = now.mono;
  node.lastSeenAt = now.wall;
}

/** A known node has come back, for whatever reason it was away. */
export function cameBack(apply: Applier, node: ManagedNode): void {
  const { state, now } = apply;
  const { calmMs, calmMaxMs } = state.settings;
  const wasSeenReady = node.readySinceMono > 0 && node.status !== "left";
  node.readySinceMono = now.mono;
  if (!wasSeenReady) {
    setStatus(apply, node, READY);
    return;
  }
  node.flaps += 1;
  const forMs = Math.min(calmMaxMs, calmMs * 2 ** Math.min(30, node.flaps - 1));
  node.calmUntilMono = now.mono + forMs;
  const times = node.flaps === 1 ? "" : ` for the ${String(node.flaps)}th time`;
  setStatus(apply, node, { status: "ready", reason: `came back${times}: gets new tasks again in ${seconds(forMs)}` });
}

export function setStatus(apply: Applier, node: ManagedNode, { status, reason }: Standing): void {
  const { state, now } = apply;
  const from = node.status;
  if (from === "ready" && status !== "ready" && now.mono - node.readySinceMono >= state.settings.calmMaxMs) {
    node.flaps = 0;
  }
  if (status !== "ready") node.calmUntilMono = undefined;
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

/** How long the node may still run what must not run twice, milliseconds; 0 when nothing of it can run there any more. */
export function leasedForMs({ state, now }: Applier, node: ManagedNode): number {
  let longestMs = 0;
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined && mustNotRunTwice(task)) {
      longestMs = Math.max(longestMs, node.heardMono + surelyStopped(state, task) - now.mono);
    }
  }
  return longestMs;
}

/** What comes later than it should is the manager's own doing, and no silence of the nodes. */
function creditLateness(state: ManagerState, now: Now): void {
  const lateMs = now.mono - (state.lastTickMono ?? now.mono) - TICK_MS;
  state.lastTickMono = now.mono;
  if (lateMs <= 0) return;
  for (const node of state.nodes.values()) node.heardMono = Math.min(now.mono, node.heardMono + lateMs);
}

/** A node that has been away for too long is lost, and its tasks go on without it. */
function giveUp(apply: Applier, node: ManagedNode): void {
  const { state, now } = apply;
  const silenceMs = now.mono - node.heardMono;
  if (node.status !== "lost" && silenceMs >= patienceMs(state, node)) {
    const reason = `not heard for ${seconds(silenceMs)}: given up, its tasks are placed elsewhere`;
    setStatus(apply, node, { status: "lost", reason });
    if (node.session !== undefined) {
      apply.close(node.session.id);
      dropSession(state, node.session);
    }
  }
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined) letGo(apply, node, task);
  }
}

function patienceMs({ settings, brake }: ManagerState, node: ManagedNode): number {
  if (node.status === "left") return settings.leftMs;
  return brake === undefined ? settings.lostMs : Math.max(settings.lostMs, settings.brakeMs);
}

/** Takes the task off a node that is away, as soon as that is safe. */
function letGo(apply: Applier, node: ManagedNode, task: Task): void {
  const { state, now } = apply;
  const isOver = now.mono - node.heardMono >= surelyStopped(state, task);
  if (mustNotRunTwice(task)) {
    if (isOver && node.status !== "unreachable")
      apply.task(withoutNode(task, `its node ${node.name} is ${node.status}`, now));
    else if (node.status === "lost") {
      const reason = `node ${node.name} is lost: placed elsewhere once its worker has ended it for certain`;
      if (task.reason !== reason) apply.task(progressed(task, reason));
    }
  } else if (node.status === "lost") {
    apply.task(withoutNode(task, `its node ${node.name} is lost`, now));
  }
}

/** The task goes on without its node: placed again, or, when it was to stop, completed. */
export function withoutNode(task: Task, reason: string, now: Now): Task {
  if (task.desired === "stop")
    return completed(task, { exitCode: undefined, reason: `stopped: ${reason}`, at: now.wall });
  return returned(task, { reason, failed: false });
}

export function mustNotRunTwice({ spec, desired }: Task): boolean {
  return spec.reschedule.onDisconnect === "stop" && desired === "run";
}

function surelyStopped({ settings }: ManagerState, { spec }: Task): number {
  return surelyStoppedMs(settings.leaseMs, spec.stopTimeoutMs);
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 1000))} s`;
}
