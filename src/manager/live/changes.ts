/**
 * What has been told of the cluster, and what is to be told next.
 *
 * A step's touched rows are gathered here and written with their newest values. Measured use changes with every
 * heartbeat, and so does the reason why a class of tasks waits; both are looked at in rounds, and told when they differ
 * from what was told before. So whoever comes later is told the same: what stands here, not what is newer still.
 */
import type { TaskId } from "../../task/id.ts";
import type { TaskSpec } from "../../task/spec.ts";
import { isFinal } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import { isPlaced } from "../core/apply.ts";
import type { ManagedNode } from "../core/managed-node.ts";
import type { ManagerState } from "../core/state.ts";
import type { Touched } from "../core/touched.ts";
import type { FrameWriter, TaskRow } from "./frame-writer.ts";
import { look, measured, newsIn, NOT_MEASURED, type NodeImage } from "./node-image.ts";

/** In so many frames every node has been looked at for what it measures. */
const ROUND = 50;
/** Classes of waiting tasks that are asked for their reason in one frame; asking may look at all nodes. */
const MOST_REASONS = 5;

export class Changes {
  /** Tasks to be told of; true: for the first time. */
  readonly #tasks = new Map<TaskId, boolean>();
  readonly #ended = new Map<TaskId, Task>();
  readonly #nodes = new Set<ManagedNode>();
  #forgotten: number[] = [];
  readonly #images = new Map<ManagedNode, NodeImage>();
  readonly #waits = new Map<TaskSpec, string>();
  readonly #mostTasks: number;
  #nodeRound: Iterator<ManagedNode> = [].values();
  #waitRound: Iterator<TaskSpec> = [].values();

  /** `mostTasks` are told of in one frame, the others wait for the next. */
  constructor(mostTasks: number) {
    this.#mostTasks = mostTasks;
  }

  /** All that is there counts as told: the first reader is told all of it. */
  begin({ nodes }: ManagerState): void {
    this.forget();
    for (const node of nodes.values()) this.#images.set(node, look(node, undefined, true));
  }

  forget(): void {
    this.#tasks.clear();
    this.#ended.clear();
    this.#nodes.clear();
    this.#forgotten = [];
    this.#images.clear();
    this.#waits.clear();
    this.#nodeRound = [].values();
    this.#waitRound = [].values();
  }

  observe({ tasks, born, slices, nodes, forgotten }: Touched): void {
    for (const slice of slices) for (const { id } of slice) this.#tasks.set(id, true);
    for (const task of tasks.values()) {
      if (isFinal(task.state)) {
        this.#tasks.delete(task.id);
        this.#ended.set(task.id, task);
      } else {
        this.#tasks.set(task.id, born.has(task.id) || this.#tasks.get(task.id) === true);
      }
    }
    for (const node of nodes) this.#nodes.add(node);
    this.#forgotten.push(...forgotten);
  }

  /** The image of a node that was told of. */
  imageOf(node: ManagedNode): NodeImage | undefined {
    return this.#images.get(node);
  }

  /** Why classes wait, as it was told. */
  get waits(): ReadonlyMap<TaskSpec, string> {
    return this.#waits;
  }

  row(task: Task, state: ManagerState): TaskRow {
    const node = state.nodeOf(task);
    const image = node === undefined ? undefined : this.#images.get(node);
    const use = isPlaced(task) ? measured(image?.taskUse.get(task.id)) : NOT_MEASURED;
    return { task, node: node?.joined ?? 0, use };
  }

  /** Writes what is to be told now. Returns the numbers of nodes that are no more. */
  write(writer: FrameWriter, state: ManagerState): readonly number[] {
    // Nodes first, so that no task is told of before its node.
    for (const node of this.#nodes) this.#look(writer, node, state);
    this.#nodes.clear();
    this.#writeTasks(writer, state);
    for (let left = Math.ceil(state.nodes.size / ROUND); left > 0; left -= 1) {
      const node = this.#nextNode(state);
      if (node !== undefined) this.#measure(writer, node, state);
    }
    this.#writeWaits(writer, state);
    const forgotten = this.#forgotten;
    this.#forgotten = [];
    return forgotten;
  }

  #look(writer: FrameWriter, node: ManagedNode, { nodes }: ManagerState): void {
    if (nodes.get(node.id) !== node) {
      this.#images.delete(node);
      return;
    }
    this.#tellNode(writer, node, look(node, this.#images.get(node), false));
  }

  #measure(writer: FrameWriter, node: ManagedNode, state: ManagerState): void {
    const before = this.#images.get(node);
    const image = look(node, before, true);
    this.#tellNode(writer, node, image);
    if (before === undefined || before.taskUse === image.taskUse) return;
    for (const id of node.tasks) {
      const task = state.tasks.get(id);
      if (task === undefined) continue;
      const use = measured(image.taskUse.get(id));
      const told = measured(before.taskUse.get(id));
      if (use.cpu !== told.cpu || use.memory !== told.memory) writer.uses.push({ n: task.seq, use });
    }
  }

  #tellNode(writer: FrameWriter, node: ManagedNode, image: NodeImage): void {
    const news = newsIn(image, this.#images.get(node));
    this.#images.set(node, image);
    if (news === "everything") writer.nodes.push({ n: node.joined, image });
    else if (news === "load") writer.loads.push({ n: node.joined, load: image.load });
  }

  #writeTasks(writer: FrameWriter, state: ManagerState): void {
    for (const task of this.#ended.values()) writer.tasks.push(this.row(task, state));
    this.#ended.clear();
    for (const [id, isNew] of this.#tasks) {
      if (writer.tasks.length + writer.changes.length >= this.#mostTasks) return;
      this.#tasks.delete(id);
      const task = state.tasks.get(id);
      if (task === undefined) continue;
      (isNew ? writer.tasks : writer.changes).push(this.row(task, state));
    }
  }

  #writeWaits(writer: FrameWriter, { pending }: ManagerState): void {
    for (const spec of this.#waits.keys()) {
      if (pending.isBlocked(spec)) continue;
      this.#waits.delete(spec);
      writer.waits.push({ spec, reason: "" });
    }
    for (let left = MOST_REASONS; left > 0; left -= 1) {
      let next = this.#waitRound.next();
      if (next.done === true) {
        this.#waitRound = pending.blocked();
        next = this.#waitRound.next();
      }
      if (next.done === true) return;
      const reason = pending.blockedBecause(next.value);
      if (reason === undefined || reason === this.#waits.get(next.value)) continue;
      this.#waits.set(next.value, reason);
      writer.waits.push({ spec: next.value, reason });
    }
  }

  #nextNode({ nodes }: ManagerState): ManagedNode | undefined {
    const next = this.#nodeRound.next();
    if (next.done !== true) return nodes.get(next.value.id) === next.value ? next.value : undefined;
    this.#nodeRound = nodes.values();
    return undefined;
  }
}
