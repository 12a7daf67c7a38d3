/**
 * What must always hold of the manager, looked at each time it commits or speaks.
 *
 * Invariant: everything here is about committed state. When the store is put back to a backup, so is what is expected;
 * what was accepted after the backup may be gone, and what had ended may live again.
 */
import type { ManagerCore } from "../manager/core/core.ts";
import type { Effects } from "../manager/core/events.ts";
import { TABLES } from "../manager/core/records.ts";
import type { ManagerMessage } from "../protocol/messages.ts";
import type { TaskId } from "../task/id.ts";
import { canMove, FIRST_STATES, type TaskState } from "../task/state.ts";
import type { Task } from "../task/task.ts";
import type { Landmarks } from "./landmarks.ts";
import { Violation } from "./violation.ts";

interface Known {
  readonly state: TaskState;
  readonly attempt: number;
}

interface Expected {
  readonly states: Map<TaskId, Known>;
  /** Ended and durable. */
  readonly ended: Set<TaskId>;
  /** Written as part of a slice of a list. */
  readonly listed: Set<TaskId>;
  /** Accepted, and the reply given. */
  readonly accepted: Set<TaskId>;
  /** A user asked for it to stop: the reply was given. */
  readonly stopped: Set<TaskId>;
}

/** What a manager tells a worker to do, checked with what the simulation knows. */
export interface Wishes {
  /** Somebody may have asked for the task to be stopped or moved, or for the node to be drained, answered or not. */
  mayStop(task: TaskId, node?: string): boolean;
}

export class ManagerChecks {
  #expected: Expected = {
    states: new Map(),
    ended: new Set(),
    listed: new Set(),
    accepted: new Set(),
    stopped: new Set(),
  };
  /** Attempts that ended, with the exit codes that their containers really had. */
  readonly #exits = new Map<string, Set<number>>();
  /** Nodes that have joined. */
  readonly #joined = new Set<string>();
  readonly #landmarks: Landmarks;
  readonly #wishes: Wishes;
  /** The store was put back once: ids and attempts may come again. */
  wasRestored = false;

  constructor(landmarks: Landmarks, wishes: Wishes) {
    this.#landmarks = landmarks;
    this.#wishes = wishes;
  }

  get accepted(): ReadonlySet<TaskId> {
    return this.#expected.accepted;
  }

  get stopped(): ReadonlySet<TaskId> {
    return this.#expected.stopped;
  }

  hasEnded(task: TaskId): boolean {
    return this.#expected.ended.has(task);
  }

  backup(): () => void {
    const { states, ended, listed, accepted, stopped } = this.#expected;
    const copy = {
      states: new Map(states),
      ended: new Set(ended),
      listed: new Set(listed),
      accepted: new Set(accepted),
      stopped: new Set(stopped),
    };
    return () => {
      this.#expected = copy;
      this.wasRestored = true;
    };
  }

  taskAccepted(id: TaskId): void {
    const { states, listed } = this.#expected;
    if (!states.has(id) && !listed.has(id)) throw new Violation("accepted, not durable", `task ${id}`);
    this.#expected.accepted.add(id);
  }

  stopAccepted(id: TaskId): void {
    this.#expected.stopped.add(id);
  }

  containerEnded(attempt: string, exitCode: number): void {
    const known = this.#exits.get(attempt);
    if (known === undefined) this.#exits.set(attempt, new Set([exitCode]));
    else known.add(exitCode);
  }

  committed(effects: Effects, core: ManagerCore): void {
    this.#checkWrites(effects);
    for (const event of effects.events) {
      if (event.kind === "task" && event.task !== undefined) this.#checkMove(event, core);
      else this.#sawOther(event);
    }
  }

  /** Called with every message before it leaves: what it says must be so, and be committed. */
  sent(node: string, message: ManagerMessage, core: ManagerCore): void {
    if (message.kind === "refusal" && message.code === "superseded") this.#landmarks.saw("instanceSuperseded");
    if (message.kind !== "frame") return;
    for (const { task, attempt, reason } of message.stop) this.#checkStop({ task, attempt, reason, node }, core);
    for (const { task, attempt, verdict, reason } of message.verdicts) {
      if (verdict === "stop") this.#checkStop({ task, attempt, reason: reason ?? "", node }, core);
      else if (verdict === "discard") this.#checkDiscard(task, attempt, core);
    }
    for (const { task, attempt } of message.assign) {
      const known = core.state.tasks.get(task);
      if (known?.attempt !== attempt || (known.state !== "scheduled" && known.state !== "running")) {
        throw new Violation("assigned what is not placed", `task ${task}/${String(attempt)} to ${node}`);
      }
    }
  }

  /** What is in memory against what recovery makes of the records. */
  recovery(core: ManagerCore, recovered: ManagerCore): void {
    const { tasks, nodes } = core.state;
    if (recovered.state.tasks.size !== tasks.size) {
      const sizes = `${String(tasks.size)} tasks in memory, ${String(recovered.state.tasks.size)} recovered`;
      throw new Violation("recovery differs", sizes);
    }
    for (const task of tasks.values()) {
      const other = recovered.state.tasks.get(task.id);
      const before = durablePart(task);
      const after = other === undefined ? "nothing" : durablePart(other);
      if (before !== after) throw new Violation("recovery differs", `${before} in memory, ${after} recovered`);
    }
    for (const node of nodes.values()) {
      const other = recovered.state.nodes.get(node.id);
      if (other === undefined) throw new Violation("recovery differs", `node ${node.name} is not recovered`);
      if (node.strays.size > 0) continue;
      const [here, there] = [node.ledger.reserved, other.ledger.reserved];
      if (here.cpu !== there.cpu || here.memory !== there.memory) {
        const sums = `${JSON.stringify(here)} in memory, ${JSON.stringify(there)} recovered`;
        throw new Violation("recovery differs", `ledger of ${node.name}: ${sums}`);
      }
    }
    if (recovered.state.cluster.epoch !== core.state.cluster.epoch) {
      throw new Violation("recovery differs", "another epoch");
    }
  }

  #checkWrites({ writes }: Effects): void {
    const { ended } = this.#expected;
    for (const { table, key, value } of writes) {
      const id = key as TaskId;
      if (table === TABLES.endedIds && value !== null) {
        if (ended.has(id)) throw new Violation("finished twice", `task ${id}`);
        ended.add(id);
      } else if (table === TABLES.ended && value !== null) {
        this.#checkEnd(JSON.parse(value) as Task);
      } else if (table === TABLES.lists && value !== null) {
        this.#landmarks.saw("listAccepted");
        for (const task of (JSON.parse(value) as { tasks: { id: TaskId }[] }).tasks) this.#expected.listed.add(task.id);
      } else if (table === TABLES.tasks && value !== null) {
        if (ended.has(id)) throw new Violation("ended and lives again", `task ${id}`);
      }
    }
    for (const { table, key, value } of writes) {
      if (table === TABLES.tasks && value === null && !ended.has(key as TaskId)) {
        throw new Violation("task forgotten", `task ${key} was removed without having ended`);
      }
    }
  }

  /** The exit code that is told to users is one that a container of the attempt really ended with. */
  #checkEnd({ id, attempt, state, exitCode, reason, desired }: Task): void {
    const real = this.#exits.get(`${id}/${String(attempt)}`);
    const codes = [...(real ?? [])].join(", ");
    const wasNeverStarted = exitCode === 127 && reason.includes("cannot start it (command)");
    if (exitCode !== undefined && !wasNeverStarted && real?.has(exitCode) !== true) {
      throw new Violation("untrue exit code", `task ${id}: ${String(exitCode)} (${reason}), really ${codes}`);
    }
    if (state === "completed" && desired === "run" && exitCode !== 0 && !this.#wishes.mayStop(id)) {
      throw new Violation("completed for no reason", `task ${id}, exit code ${String(exitCode)}: ${reason}`);
    }
    if (state === "failed" && exitCode === 0 && !reason.startsWith("unhealthy"))
      throw new Violation("exit code 0 counted as failed", `task ${id}: ${reason}`);
  }

  #checkMove(event: Effects["events"][number], core: ManagerCore): void {
    const { states } = this.#expected;
    const id = event.task as TaskId;
    const to = event.to as TaskState;
    const known = states.get(id);
    const attempt = event.attempt ?? 0;
    const said = `task ${id}: ${event.from ?? "–"} → ${to} (${event.reason})`;
    if (event.from === undefined) {
      if (known !== undefined) throw new Violation("came into being twice", said);
      if (!FIRST_STATES.includes(to)) throw new Violation("illegal first state", said);
      this.#sawFirst(event.reason);
    } else {
      if (known?.state !== event.from)
        throw new Violation("history with a gap", `${said}, was ${known?.state ?? "unknown"}`);
      if (event.from !== to && !canMove(known.state, to)) throw new Violation("illegal move", said);
      this.#sawMove(event);
    }
    if (to === "scheduled" && event.from === "pending") {
      if (known !== undefined && attempt <= known.attempt) throw new Violation("attempt number used again", said);
      if (event.reason.startsWith("placed on")) checkCapacity(core, id);
    }
    states.set(id, { state: to, attempt });
  }

  #sawOther({ kind, to, reason, node }: Effects["events"][number]): void {
    if (kind === "node" && to === "lost") this.#landmarks.saw("nodeLost");
    else if (kind === "node" && reason === "joined the cluster") {
      if (this.#joined.has(node ?? "")) this.#landmarks.saw("nodeReturnedAfterRemoval");
      this.#joined.add(node ?? "");
    } else if (kind === "manager" && reason.includes("rolled back")) this.#landmarks.saw("rollbackNoticed");
    else if (to === "brake on") this.#landmarks.saw("brakeOn");
  }

  #sawFirst(reason: string): void {
    if (reason.startsWith("found running")) this.#landmarks.saw("taskRecovered");
    else if (reason.endsWith("directly")) this.#landmarks.saw("localTaskAdopted");
  }

  #sawMove({ to, reason }: Effects["events"][number]): void {
    if (reason.startsWith("found as attempt")) this.#landmarks.saw("attemptOvertaken");
    if (to !== "pending") return;
    if (reason.startsWith("refused by its node")) this.#landmarks.saw("refusalMade");
    else if (reason.startsWith("its lease ran out")) this.#landmarks.saw("leaseReleased");
    else if (reason.includes("to be placed again")) this.#landmarks.saw("taskRescheduled");
    else if (reason.startsWith("moving:") || reason.startsWith("restarting:")) this.#landmarks.saw("taskMoved");
  }

  /** Silence is never an order to stop, nor is not knowing something. */
  #checkStop(
    order: { readonly task: TaskId; readonly attempt: number; readonly reason: string; readonly node: string },
    core: ManagerCore,
  ): void {
    const { task: id, attempt, reason, node } = order;
    const said = `task ${id}/${String(attempt)} on ${node}: ${reason}`;
    const task = core.state.tasks.get(id);
    if (task === undefined) {
      if (!this.hasEnded(id)) throw new Violation("ordered to stop what the manager does not know", said);
      return;
    }
    if (attempt < task.attempt) {
      this.#landmarks.saw("replacedAttemptStopped");
      return;
    }
    if (attempt > task.attempt) throw new Violation("ordered to stop a later attempt", said);
    if (task.state === "pending") return;
    const isHere = core.state.nodeOf(task)?.name === node;
    if (isHere && !this.#wishes.mayStop(id, node)) throw new Violation("ordered to stop for no reason", said);
  }

  /** A result is given up by its node only when it is taken. */
  #checkDiscard(id: TaskId, attempt: number, core: ManagerCore): void {
    const task = core.state.tasks.get(id);
    const isTaken = task === undefined ? this.hasEnded(id) : task.attempt > attempt || task.state === "pending";
    const isElsewhere = task !== undefined && task.attempt === attempt && this.wasRestored;
    if (!isTaken && !isElsewhere)
      throw new Violation("result discarded and not taken", `task ${id}/${String(attempt)}`);
  }
}

/** No node is given more than it has: looked at when a task is placed, since what is found is counted and not refused. */
function checkCapacity(core: ManagerCore, placed: TaskId): void {
  const node = core.state.nodes.get(core.state.tasks.get(placed)?.nodeId ?? "");
  if (node === undefined) return;
  let cpu = 0;
  let memory = 0;
  for (const id of node.tasks) {
    const resources = core.state.tasks.get(id)?.spec.resources;
    cpu += resources?.cpu ?? 0;
    memory += resources?.memory ?? 0;
  }
  const { capacity } = node.facts;
  if (cpu > capacity.cpu + 1e-6 || memory > capacity.memory) {
    const given = `${String(cpu)} cores of ${String(capacity.cpu)}, ${String(memory)} bytes of ${String(capacity.memory)}`;
    throw new Violation("node given more than it has", `${node.name}: ${given}`);
  }
}

/** What must survive a restart of the manager: all but news of progress. */
function durablePart(task: Task): string {
  const { id, name, seq, state, desired, nodeId, attempt, restarts, reschedules, moving, containerId, ports } = task;
  const { document } = task.spec;
  return JSON.stringify([
    [id, name, seq, state, desired, nodeId, attempt, restarts, reschedules, moving, containerId],
    ports,
    document,
  ]);
}
