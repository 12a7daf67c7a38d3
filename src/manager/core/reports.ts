/**
 * What workers report, and the verdicts on it. A report is level-triggered: it says where an attempt stands now, may
 * come twice or late, and may speak of what the manager has replaced, ended or never known. An illegal one is answered,
 * never asserted on.
 */
import { REPORTED, type Item, type Report, type Verdict } from "../../protocol/messages.ts";
import { attemptKey, type AttemptKey } from "../../task/id.ts";
import { adopted, completed, failed, overtaken, progressed, reportedRunning, returned } from "../../task/lifecycle.ts";
import { resolveSpec, type TaskSpec } from "../../task/spec.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { PortBinding, Task } from "../../task/task.ts";
import { isPlaced, orderOf, type Applier } from "./apply.ts";
import type { ManagedNode } from "./managed-node.ts";
import { exclude } from "./placement.ts";

/** A node that refused a task is first left out for it this long. */
const FIRST_REFUSAL_MS = 1000;
/** A node on which an attempt failed is left out a little longer than the delay, so that another is preferred. */
const FAILED_HERE_MS = 2000;

export interface ReportContext {
  readonly apply: Applier;
  readonly node: ManagedNode;
  /** True when a task of this id is among the ended ones. */
  readonly hasEnded: (task: Report["task"]) => boolean;
}

/** Takes one report; the verdict on it, or undefined: keep it, and ask again. */
export function takeReport(context: ReportContext, report: Report): Verdict | undefined {
  const { apply, node, hasEnded } = context;
  const task = apply.state.tasks.get(report.task);
  if (task === undefined) return hasEnded(report.task) ? dismiss(context, report, "the task has ended") : undefined;
  if (report.attempt < task.attempt) {
    return dismiss(context, report, `replaced by attempt ${String(task.attempt)}`);
  }
  if (report.attempt > task.attempt) return overtake(context, task, report);
  if (!isPlaced(task)) return dismiss(context, report, "this attempt is over");
  if (task.nodeId !== node.id) return dismiss(context, report, "placed on another node");
  return isEnd(report) ? takeEnd(context, task, report) : takeProgress(context, task, report);
}

/** The store was rolled back: it never kills what it has forgotten, so the higher attempt is the task's from now on. */
function overtake(context: ReportContext, task: Task, report: Report): Verdict | undefined {
  const { apply, node } = context;
  const { attempt } = report;
  const reason = `found as attempt ${String(attempt)} on ${node.name}; the store knew ${String(task.attempt)}: it was rolled back`;
  if (isPlaced(task)) {
    leaveBehind(apply, task, reason);
    apply.task(returned(task, { reason, failed: false }));
  }
  const waiting = apply.state.tasks.get(task.id);
  if (waiting !== undefined) apply.task(overtaken(waiting, { nodeId: node.id, attempt, reason, at: apply.now.wall }));
  return takeReport(context, report);
}

/** The attempt is void, and runs on for now: its node is told to stop it, and it counts there until it has ended. */
function leaveBehind(apply: Applier, task: Task, reason: string): void {
  const node = apply.state.nodeOf(task);
  if (node?.session === undefined) return; // its next hello brings it up
  node.session.stop({ task: task.id, attempt: task.attempt, reason });
  node.strays.add(attemptKey(task.id, task.attempt));
}

/** Takes an item of a hello, or of what was started on the worker directly: everything in it can be adopted. */
export function takeItem(context: ReportContext, item: Item, document: SpecDocument): Verdict | undefined {
  const { node, apply, hasEnded } = context;
  const { state } = apply;
  const task = state.tasks.get(item.task);
  if (task === undefined && !hasEnded(item.task)) {
    state.lastTaskSeq += 1;
    const spec = state.specs.acquire(document);
    const fresh = { id: item.task, name: item.name, seq: state.lastTaskSeq, spec, at: item.createdAt };
    const origin = item.local === true ? "local" : "recovered";
    const reason = item.local === true ? `started on ${node.name} directly` : `found running on ${node.name}`;
    apply.task(adopted(fresh, { nodeId: node.id, attempt: item.attempt, origin, reason }));
    const verdict = takeReport(context, item);
    return verdict ?? { task: item.task, attempt: item.attempt, verdict: "adopt" };
  }
  if (item.local === true && task !== undefined && (task.origin !== "local" || task.nodeId !== node.id)) {
    return stop(item, "another task of the cluster has this id");
  }
  const verdict = takeReport(context, item);
  if (verdict !== undefined && verdict.verdict === "stop") holdWhileReported(context, item, resolveSpec(document));
  if (verdict !== undefined) return verdict;
  const isCurrent = task !== undefined && task.attempt === item.attempt;
  return isCurrent
    ? { task: item.task, attempt: item.attempt, verdict: item.local === true ? "adopt" : "keep" }
    : undefined;
}

/** Not this node's to run any more: what runs is stopped, what has ended is forgotten. */
function dismiss({ node, apply }: ReportContext, report: Report, reason: string): Verdict {
  if (!isEnd(report)) return stop(report, reason);
  releaseStray(apply, node, attemptKey(report.task, report.attempt));
  return { task: report.task, attempt: report.attempt, verdict: "discard" };
}

/** Frees what the node no longer runs although it says everything it has. */
export function releaseStrays({ apply, node }: ReportContext, reported: ReadonlySet<AttemptKey>): void {
  for (const key of node.strays) if (!reported.has(key)) releaseStray(apply, node, key);
}

function releaseStray(apply: Applier, node: ManagedNode, key: AttemptKey): void {
  if (!node.strays.delete(key)) return;
  node.ledger.release(key);
  apply.node(node, { mayLetIn: true });
}

/** What a node still runs counts in its ledger, whether or not it should run there. */
function holdWhileReported({ node, apply }: ReportContext, item: Item, spec: TaskSpec): void {
  const key = attemptKey(item.task, item.attempt);
  if (node.ledger.has(key)) return;
  node.strays.add(key);
  node.ledger.reserve(key, { resources: spec.resources, ports: spec.ports });
  apply.node(node);
}

function takeProgress({ apply }: ReportContext, task: Task, report: Report): Verdict | undefined {
  const order = orderOf(task);
  const reason = order === "stop" ? task.reason : report.reason;
  const tells = report.waiting === true && task.reason !== reason;
  if (report.state === REPORTED.starting) {
    if (task.reason !== reason || task.restarts !== report.restarts) {
      apply.task(progressed(task, reason, report.restarts), { tells });
    }
  } else {
    const running = reportedRunning(task, {
      containerId: report.containerId,
      ports: report.ports === undefined || isSame(report.ports, task.ports) ? task.ports : report.ports,
      health: report.health ?? "none",
      restarts: report.restarts,
      startedAt: report.startedAt ?? task.startedAt ?? apply.now.wall,
      reason,
    });
    apply.task(running, { tells });
  }
  return order === "stop" ? stop(report, task.reason) : undefined;
}

function takeEnd(context: ReportContext, task: Task, report: Report): Verdict {
  if (report.output !== undefined && report.output !== "") {
    context.apply.output(task.id, task.attempt, report.output);
  }
  context.apply.task(afterEnd(context, task, report));
  return { task: report.task, attempt: report.attempt, verdict: "discard" };
}

/** What becomes of a task whose attempt is over. */
function afterEnd({ apply }: ReportContext, task: Task, report: Report): Task {
  const { now } = apply;
  const { exitCode } = report;
  const known = { ...task, restarts: report.restarts, startedAt: report.startedAt ?? task.startedAt };
  const ending = { exitCode, reason: report.reason, at: report.finishedAt ?? now.wall };
  if (task.desired === "stop") return completed(known, { ...ending, reason: stoppedReason(report) });
  if (task.moving !== undefined) return returned(known, { reason: task.moving, failed: false, exitCode });
  if (report.state === REPORTED.refused) {
    exclude(apply, task, { reason: report.reason, firstMs: FIRST_REFUSAL_MS });
    return returned(known, { reason: `refused by its node: ${report.reason}`, failed: false });
  }
  if (report.state === REPORTED.released) return returned(known, { reason: report.reason, failed: false });
  if (report.state === REPORTED.completed) return completed(known, ending);
  const { attempts, delayMs } = task.spec.reschedule;
  if (report.fatal === true || task.reschedules >= attempts) return failed(known, ending);
  exclude(apply, task, { reason: `an attempt failed here: ${report.reason}`, firstMs: delayMs + FAILED_HERE_MS });
  const count = `${String(task.reschedules + 1)} of ${String(attempts)}`;
  const reason = `${report.reason}; to be placed again (${count})`;
  return returned(known, { reason, failed: true, exitCode, notBefore: now.wall + delayMs });
}

function stoppedReason({ state, reason }: Report): string {
  const isAsOrdered = state === REPORTED.completed || state === REPORTED.released;
  return isAsOrdered ? "stopped on request" : `stopped on request; before that: ${reason}`;
}

function isSame(ports: readonly PortBinding[], others: readonly PortBinding[]): boolean {
  if (ports.length !== others.length) return false;
  return ports.every((port, index) => JSON.stringify(port) === JSON.stringify(others[index]));
}

function isEnd({ state }: Report): boolean {
  return state !== REPORTED.starting && state !== REPORTED.running;
}

function stop(report: Report, reason: string): Verdict {
  return { task: report.task, attempt: report.attempt, verdict: "stop", reason };
}
