/**
 * What must always hold of a worker: no container of its is stopped or removed while it runs unless a verdict, an order,
 * a request, a policy or the lease says so; and what recovery reads is what was acknowledged.
 */
import { REPORTED, type ManagerMessage, type WorkerMessage } from "../protocol/messages.ts";
import { attemptKey, type AttemptKey } from "../task/id.ts";
import type { WorkerCore } from "../worker/core/core.ts";
import { encodeEntry, type Entry } from "../worker/core/entry.ts";
import type { Command, WorkerEvent } from "../worker/core/events.ts";
import { containerName } from "./engine.ts";
import type { Landmarks } from "./landmarks.ts";
import type { SimWorker } from "./sim-worker.ts";
import { Violation } from "./violation.ts";

/** What one node was told or saw that allows it to stop an attempt. */
interface Grounds {
  readonly ordered: Set<AttemptKey>;
  readonly discarded: Set<AttemptKey>;
  readonly unhealthy: Set<AttemptKey>;
}

export class WorkerChecks {
  readonly #landmarks: Landmarks;
  /** Results that have been told, by node and attempt. */
  readonly #results = new Set<string>();
  readonly #grounds = new Map<string, Grounds>();

  constructor(landmarks: Landmarks) {
    this.#landmarks = landmarks;
  }

  /** A message has reached the worker's process. */
  told(node: string, message: ManagerMessage): void {
    if (message.kind !== "frame") return;
    if (message.stop.length === 0 && message.verdicts.length === 0) return;
    const { ordered, discarded } = this.#of(node);
    for (const { task, attempt } of message.stop) ordered.add(attemptKey(task, attempt));
    for (const { task, attempt, verdict } of message.verdicts) {
      if (verdict === "stop") ordered.add(attemptKey(task, attempt));
      else if (verdict === "discard") discarded.add(attemptKey(task, attempt));
    }
  }

  /** A message leaves the worker's process. */
  said(node: string, message: WorkerMessage): void {
    if (message.kind !== "frame") return;
    for (const { task, attempt, state } of message.reports) {
      if (state < REPORTED.completed) continue;
      const result = `${node} ${attemptKey(task, attempt)}`;
      if (this.#results.has(result)) this.#landmarks.saw("resultRepeated");
      this.#results.add(result);
    }
  }

  /** An event is handed to the worker's core. */
  happened(node: string, event: WorkerEvent): void {
    if (event.kind === "runProbed" && !event.ok) {
      this.#of(node).unhealthy.add(attemptKey(event.run.task, event.run.attempt));
    } else if (event.kind === "stopRequested") {
      // Which attempt it is, is not known here: the first ones will do.
      for (let attempt = 1; attempt < 50; attempt += 1) this.#of(node).ordered.add(attemptKey(event.task, attempt));
    } else if (event.kind === "startFailed" && event.failure === "cancelled") {
      this.#landmarks.saw("stopDuringStart");
    }
  }

  commanded(worker: SimWorker, command: Command): void {
    if (command.kind !== "stop" && command.kind !== "remove") return;
    const container = worker.parts.engine.containers.get(containerName(command.run));
    if (container?.state !== "running" || container.byStranger) return;
    const key = attemptKey(command.run.task, command.run.attempt);
    const entry = worker.core?.state.entries.get(key);
    const why = this.#groundsFor(worker.name, key, { entry, restart: command.run.restart });
    if (why === undefined) {
      throw new Violation("container stopped for no reason", `${command.kind} of ${container.name} on ${worker.name}`);
    }
    if (why === "unhealthy") this.#landmarks.saw("healthRestart");
  }

  /** A core made of the records knows what the one in memory knows. */
  recovery(node: string, core: WorkerCore, recovered: WorkerCore): void {
    const { entries } = core.state;
    const { entries: others } = recovered.state;
    if (entries.size !== others.size) {
      const sizes = `${String(entries.size)} entries in memory, ${String(others.size)} recovered`;
      throw new Violation("worker's recovery differs", `${node}: ${sizes}`);
    }
    for (const [key, entry] of entries) {
      const other = others.get(key);
      const [before, after] = [durablePart(entry), other === undefined ? "nothing" : durablePart(other)];
      if (before !== after) throw new Violation("worker's recovery differs", `${node}: ${before}, recovered ${after}`);
    }
  }

  #groundsFor(
    node: string,
    key: AttemptKey,
    { entry, restart }: { readonly entry: Entry | undefined; readonly restart: number },
  ): string | undefined {
    const { ordered, discarded, unhealthy } = this.#of(node);
    if (ordered.has(key)) return "ordered";
    if (discarded.has(key)) return "discarded";
    if (entry === undefined) return undefined;
    if (restart < entry.restarts) return "an earlier run";
    if (entry.phase.kind === "ended" || entry.phase.kind === "waiting") return "left over";
    if (unhealthy.has(key)) return "unhealthy";
    if (entry.spec.reschedule.onDisconnect === "stop") return "lease";
    return undefined;
  }

  #of(node: string): Grounds {
    let grounds = this.#grounds.get(node);
    if (grounds === undefined) {
      grounds = { ordered: new Set(), discarded: new Set(), unhealthy: new Set() };
      this.#grounds.set(node, grounds);
    }
    return grounds;
  }
}

/** What is kept of it: the same for an entry and for what is read back of it. */
function durablePart(entry: Entry): string {
  const {
    startedAt: _startedAt,
    begunRun: _begunRun,
    ...kept
  } = JSON.parse(encodeEntry(entry)) as Record<string, unknown>;
  return JSON.stringify(kept);
}
