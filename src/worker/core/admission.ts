/** What may run here: a worker admits everything, its manager's wishes included, against its own ledger. */
import type { Shortfall } from "../../node/ledger.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import { specOf, type TaskSpec } from "../../task/spec.ts";
import { formatSize } from "../../utils/sizes.ts";
import { newEntry, type Entry } from "./entry.ts";
import type { WorkerEvent } from "./events.ts";
import { choosePorts } from "./ports.ts";
import { startRun } from "./run-orders.ts";
import type { Step, WorkerState } from "./state.ts";

export interface Candidate {
  readonly id: TaskId;
  readonly attempt: number;
  readonly name: string;
  readonly createdAt: number;
  readonly document: SpecDocument;
  readonly local: boolean;
}

interface Refused {
  readonly refused: string;
}

/** Takes the attempt in and starts it; or says, in a sentence, why not. */
export function admit(step: Step, candidate: Candidate): Entry | Refused {
  const taken = takeIn(step.state, candidate);
  if (!("refused" in taken)) begin(step, taken);
  return taken;
}

/** Tasks that somebody starts on this worker directly: all of the list or none. */
export function submitLocally(step: Step, event: Extract<WorkerEvent, { kind: "tasksSubmitted" }>): void {
  const { state } = step;
  const { request, tasks } = event;
  const ids = tasks.filter(({ id }) => state.newestOf(id) !== undefined).map(({ id }) => id);
  if (ids.length > 0) {
    step.reply(request, { kind: "idTaken", ids });
    return;
  }
  const admitted: Entry[] = [];
  for (const { id, name, document } of tasks) {
    const createdAt = step.now.wall;
    const taken = takeIn(state, { id, attempt: 1, name, createdAt, document: specOf(document), local: true });
    if ("refused" in taken) {
      for (const entry of admitted) step.forget(entry);
      step.reply(request, { kind: "refused", reason: `task ${name}: ${taken.refused}` });
      return;
    }
    admitted.push(taken);
  }
  for (const entry of admitted) {
    begin(step, entry);
    state.link?.introduce(entry.key);
  }
  step.reply(request, { kind: "accepted", keys: admitted.map(({ key }) => key) });
}

function begin(step: Step, entry: Entry): void {
  step.store(entry);
  startRun(step, entry);
}

function takeIn(state: WorkerState, { document, ...candidate }: Candidate): Entry | Refused {
  const spec = state.specs.acquire(document);
  const refused = whyNot(state, spec);
  if (refused !== undefined) {
    state.specs.release(spec);
    return { refused };
  }
  const entry = newEntry({ ...candidate, spec, ports: [] });
  state.ledger.reserve(entry.key, { resources: spec.resources, ports: spec.ports });
  entry.ports = choosePorts(state, entry, { wishes: true });
  state.entries.set(entry.key, entry);
  return entry;
}

function whyNot(state: WorkerState, spec: TaskSpec): string | undefined {
  const { runtimes, name } = state.facts;
  if (!runtimes.includes(spec.runtime)) {
    return `worker ${name} does not run ${spec.runtime} tasks; it was started with --runtime ${runtimes.join(" --runtime ")}`;
  }
  const sick = state.sick.get(spec.runtime);
  if (sick !== undefined) return `${spec.runtime} on ${name} does not answer: ${sick}`;
  for (const { source } of spec.volumes) {
    if (source.startsWith("/") && !isAllowed(source, state.settings.allowedPaths)) {
      return `worker ${name} does not allow the host path ${source}; it would have to be started with --allow-path ${source}`;
    }
  }
  const [first] = state.ledger.shortfalls({ resources: spec.resources, ports: spec.ports });
  return first === undefined ? undefined : sentence(first);
}

/** A path is allowed when it is one of the allowed ones or below one; one that climbs is not. */
function isAllowed(path: string, allowed: readonly string[]): boolean {
  const segments = path.split("/");
  if (segments.includes("..") || segments.includes(".")) return false;
  return allowed.some((root) => path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`));
}

function sentence({ what, needs, has, port }: Shortfall): string {
  if (what === "ports") return `port ${port ?? ""} is taken on this node`;
  if (what === "cpu")
    return `needs ${String(needs)} cores, ${String(Math.max(0, Math.round(has * 100) / 100))} are free here`;
  return `needs ${formatSize(needs)} of ${what}, ${formatSize(Math.max(0, has))} are free here`;
}
