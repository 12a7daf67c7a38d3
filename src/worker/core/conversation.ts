/** The worker's half of the conversation with its manager (protocol/messages.ts). */
import {
  PROTOCOL_VERSION,
  REPORTED,
  type Item,
  type ManagerFrame,
  type Report,
  type ReportedState,
  type Verdict,
  type Welcome,
  type WorkerFrame,
} from "../../protocol/messages.ts";
import type { SpecDocument } from "../../task/document.ts";
import { attemptKey } from "../../task/id.ts";
import { admit } from "./admission.ts";
import type { Entry } from "./entry.ts";
import type { WorkerEvent } from "./events.ts";
import { sickRuntimes } from "./engines.ts";
import { hasLeaseFor, prolongLease } from "./lease.ts";
import { ManagerLink } from "./link.ts";
import { discard, stopEntry } from "./runs.ts";
import { runOf, type Step, type WorkerState } from "./state.ts";

/** Connected: the worker speaks first and says everything it has. */
export function openLink(step: Step, session: number): void {
  const { state, now } = step;
  const link = new ManagerLink(session, now.mono);
  state.link = link;
  const specs: SpecDocument[] = [];
  step.send(session, {
    kind: "hello",
    version: PROTOCOL_VERSION,
    instanceId: state.instanceId,
    node: state.facts,
    ...state.membership,
    items: [...state.entries.values()].map((entry) => itemOf(entry, specs)),
    specs,
    ...(state.usage === undefined ? {} : { use: link.usageToSay(state.usage), at: now.wall }),
    ...sickRuntimes(state),
  });
}

export function closeLink(state: WorkerState, session: number): void {
  if (state.link?.id === session) state.link = undefined;
}

export function takeMessage(step: Step, { session, message }: Extract<WorkerEvent, { kind: "messageReceived" }>): void {
  const { link } = step.state;
  if (link?.id !== session) return;
  switch (message.kind) {
    case "welcome":
      takeWelcome(step, link, message);
      return;
    case "refusal":
      if (message.code === "malformed") drop(step, link, `the manager refuses this worker: ${message.detail}`);
      else step.giveUp(message.detail);
      return;
    case "frame":
      takeFrame(step, link, message);
      return;
  }
}

/** Sends what there is to say, when it is time: news soon, a heartbeat otherwise. */
export function speak(step: Step): void {
  const { state, now } = step;
  const { link, settings } = state;
  if (link?.isWelcome !== true) return;
  repeatResults(state, link, now.mono);
  if (!state.isLeaving && now.mono < link.nextFrameMono(settings.coalesceMs)) return;
  const specs: SpecDocument[] = [];
  const items = entriesOf(state, link.introduced).map((entry) => itemOf(entry, specs));
  const reports = entriesOf(state, link.changed)
    .filter(({ key }) => !link.introduced.has(key))
    .map((entry) => reportOf(entry));
  const stopRequests: NonNullable<WorkerFrame["stopRequests"]>[number][] = [];
  for (const { id, attempt, isStopRequested, stopReason, phase } of state.entries.values()) {
    if (isStopRequested && stopReason === undefined && phase.kind !== "ended") stopRequests.push({ task: id, attempt });
  }
  step.send(link.id, {
    kind: "frame",
    rev: link.sent + 1,
    ack: link.received,
    reports: [...reports, ...link.takeAnswers()],
    ...(items.length > 0 ? { items, specs } : {}),
    ...(stopRequests.length > 0 ? { stopRequests } : {}),
    ...(link.hasNewUsage && state.usage !== undefined ? { use: link.usageToSay(state.usage), at: now.wall } : {}),
    ...sickRuntimes(state),
    ...(state.isLeaving ? { leaving: true } : {}),
  });
  link.told(now.mono);
}

/** When `speak` next has something to do, milliseconds on `mono`. */
export function nextSpeech({ link, settings }: WorkerState): number | undefined {
  if (link?.isWelcome !== true) return undefined;
  return link.nextFrameMono(settings.coalesceMs);
}

function takeWelcome(step: Step, link: ManagerLink, { clusterId, epoch, heartbeatMs, leaseMs }: Welcome): void {
  const known = step.state.membership;
  if (known?.clusterId === clusterId && epoch < known.epoch) {
    const seen = `epoch ${String(known.epoch)}`;
    drop(
      step,
      link,
      `this manager is of epoch ${String(epoch)}, but this worker has already seen ${seen}: an older manager is still running`,
    );
    return;
  }
  link.isWelcome = true;
  link.heartbeatMs = heartbeatMs;
  step.state.leaseMs = leaseMs;
  if (known?.clusterId !== clusterId || known.epoch !== epoch) step.storeMembership({ clusterId, epoch });
}

/** Stops and verdicts come first: what they free may be needed by what is assigned. */
function takeFrame(step: Step, link: ManagerLink, frame: ManagerFrame): void {
  if (frame.rev !== link.received + 1) {
    drop(step, link, `a frame of the manager is missing (${String(link.received + 1)}, got ${String(frame.rev)})`);
    return;
  }
  link.received = frame.rev;
  const sentMono = link.acknowledged(frame.ack);
  if (sentMono !== undefined) prolongLease(step, sentMono);
  for (const { number, document } of frame.specs) {
    link.rememberSpec(number, document);
  }
  for (const order of frame.stop) takeStop(step, link, order);
  for (const verdict of frame.verdicts) takeVerdict(step, link, verdict);
  for (const assignment of frame.assign) takeAssignment(step, link, assignment);
  for (const { stream, task, attempt, ...what } of frame.streams ?? []) {
    const entry = step.state.entries.get(attemptKey(task, attempt));
    if (entry !== undefined) {
      step.command({ kind: "stream", stream, run: runOf(entry), runtime: entry.spec.runtime, what });
    }
  }
}

function takeStop(step: Step, link: ManagerLink, order: ManagerFrame["stop"][number]): void {
  const entry = step.state.entries.get(attemptKey(order.task, order.attempt));
  if (entry === undefined) {
    link.answer({
      task: order.task,
      attempt: order.attempt,
      state: REPORTED.released,
      restarts: 0,
      reason: "it is not on this node",
    });
    return;
  }
  if (entry.phase.kind === "ended") step.report(entry);
  else stopEntry(step, entry, order.reason);
}

function takeVerdict(step: Step, link: ManagerLink, { task, attempt, verdict, reason }: Verdict): void {
  const entry = step.state.entries.get(attemptKey(task, attempt));
  if (entry === undefined) {
    if (verdict === "stop") takeStop(step, link, { task, attempt, reason: reason ?? "stopped by the manager" });
    return;
  }
  switch (verdict) {
    case "keep":
      return;
    case "adopt":
      if (!entry.local) return;
      entry.local = false;
      step.store(entry);
      return;
    case "stop":
      stopEntry(step, entry, reason ?? "stopped by the manager");
      return;
    case "discard":
      if (entry.phase.kind === "ended") discard(step, entry);
      return;
  }
}

function takeAssignment(step: Step, link: ManagerLink, assignment: ManagerFrame["assign"][number]): void {
  const { task: id, attempt, name, createdAt } = assignment;
  const newest = step.state.newestOf(id);
  if (newest !== undefined && newest.attempt >= attempt) {
    step.report(newest);
    return;
  }
  const document = link.spec(assignment.spec);
  if (document === undefined) {
    drop(step, link, `assignment of task ${id} names an unknown spec`);
    return;
  }
  const refuse = (reason: string): void => {
    link.answer({ task: id, attempt, state: REPORTED.refused, restarts: 0, reason });
  };
  if (newest !== undefined) {
    refuse(`its attempt ${String(newest.attempt)} is still here`);
    return;
  }
  if (!hasLeaseFor(step, document)) {
    refuse("its lease has run out: the assignment came too late");
    return;
  }
  const taken = admit(step, { id, attempt, name, createdAt, document, local: false });
  if ("refused" in taken) refuse(taken.refused);
}

function drop(step: Step, link: ManagerLink, reason: string): void {
  step.close(link.id, reason);
  step.state.link = undefined;
}

/** A result stays until a manager has taken it; where no verdict came, it is asked for again. */
function repeatResults(state: WorkerState, link: ManagerLink, nowMono: number): void {
  if (nowMono - link.lastRepeatMono < state.settings.repeatMs) return;
  link.lastRepeatMono = nowMono;
  for (const entry of state.entries.values()) if (entry.phase.kind === "ended") link.markChanged(entry.key);
}

function entriesOf(state: WorkerState, keys: ReadonlySet<Entry["key"]>): Entry[] {
  return keys.size === 0 ? [] : [...keys].flatMap((key) => state.entries.get(key) ?? []);
}

function itemOf(entry: Entry, specs: SpecDocument[]): Item {
  let index = specs.indexOf(entry.spec.document);
  if (index === -1) index = specs.push(entry.spec.document) - 1;
  return {
    ...reportOf(entry),
    name: entry.name,
    createdAt: entry.createdAt,
    spec: index,
    ...(entry.local ? { local: true } : {}),
  };
}

function reportOf(entry: Entry): Report {
  const { id: task, attempt, restarts, reason, phase } = entry;
  const result = phase.kind === "ended" ? phase.result : undefined;
  const isUp = result === undefined && stateOf(entry) === REPORTED.running;
  return {
    task,
    attempt,
    restarts,
    reason,
    state: stateOf(entry),
    ...(phase.kind === "waiting" || phase.kind === "ending" ? { waiting: true } : {}),
    ...(isUp ? { health: entry.health.health, ports: entry.ports } : {}),
    ...(entry.containerId === undefined ? {} : { containerId: entry.containerId }),
    ...(entry.startedAt === undefined ? {} : { startedAt: entry.startedAt }),
    ...(result?.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result === undefined ? {} : { finishedAt: result.finishedAt, fatal: result.fatal }),
    ...(result?.output === undefined ? {} : { output: result.output }),
  };
}

/** Once it has run, an attempt counts as running until it has ended: restarts are its worker's own matter. */
function stateOf({ phase, startedAt }: Entry): ReportedState {
  if (phase.kind === "ended") return REPORTED[phase.result.state];
  return startedAt === undefined ? REPORTED.starting : REPORTED.running;
}
