/**
 * The scheduler: finds the node where a task costs least, of all nodes and not of a sample.
 *
 * Tasks that are alike form a class. A class that is asked for again has an index, which answers in O(log nodes); one
 * that is seen for the first time is worked out by a scan over the columns. What only the single request can say (a
 * node that has refused the task), and what a user's own module says, is asked of every node. The three ways give the
 * same answer, to the node.
 */
import type { Algorithm, Costs } from "./algorithm.ts";
import { ClassIndex, type IndexParts } from "./class-index.ts";
import { entry } from "./columns.ts";
import { CostNotes } from "./cost-notes.ts";
import { CostTree, Replay } from "./cost-tree.ts";
import { Found, Judged, MOST_EXAMPLES, turnDown, type Notes, type TurnedDown } from "./decisions.ts";
import type { Filter, FilteredTask } from "./filter.ts";
import { filteredTask } from "./filtered-task.ts";
import { FILTERS } from "./filters.ts";
import { Nodes, type CostUse } from "./nodes.ts";
import { Podium } from "./podium.ts";
import type { Positions } from "./positions.ts";
import { RejectedNote, Rejections, Tally } from "./rejections.ts";
import {
  isRejection,
  type CostedNode,
  type Decision,
  type NodeView,
  type PlacementRequest,
  type Scheduler,
  type SchedulerMemory,
} from "./scheduler.ts";
import { Sheet } from "./sheet.ts";
import { TaskClasses } from "./task-classes.ts";
import type { TaskClass } from "./task-class.ts";
import { Turns } from "./turns.ts";
import { costOf, type Question } from "./verdict.ts";

export interface SchedulerOptions {
  readonly costUse: CostUse;
  /** Of a decision that found a node: how many costs it lists; 5 by default, 16 at most. */
  readonly mostCosts?: number;
}

const MOST_COSTS = 5;
const NONE_REJECTED = new Rejections([], []);

export function createScheduler(algorithm: Algorithm, options: SchedulerOptions): Scheduler {
  return new IndexedScheduler(algorithm, options);
}

class IndexedScheduler implements Scheduler {
  readonly #algorithm: Algorithm;
  readonly #filters: readonly Filter[];
  readonly #nodes: Nodes;
  readonly #costsOf: (task: FilteredTask) => Costs;
  readonly #classes: TaskClasses;
  readonly #tally = new Tally();
  readonly #notes: CostNotes;
  readonly #mostCosts: number;
  /** Of the scan. */
  readonly #podium: Podium;
  readonly #sheet = new Sheet();
  readonly #replay = new Replay();

  constructor(algorithm: Algorithm, { costUse, mostCosts = MOST_COSTS }: SchedulerOptions) {
    this.#mostCosts = mostCosts;
    this.#podium = new Podium(Math.max(1, mostCosts));
    this.#algorithm = algorithm;
    this.#filters = [...FILTERS, ...algorithm.filters];
    this.#nodes = new Nodes(costUse, algorithm.asksCluster);
    this.#notes = new CostNotes(algorithm.name, this.#nodes);
    this.#costsOf = algorithm.over(this.#nodes);
    this.#classes = new TaskClasses(this.#nodes, algorithm.asksName);
  }

  get name(): string {
    return this.#algorithm.name;
  }

  update(node: NodeView): void {
    this.#nodes.update(node);
  }

  remove(nodeId: string): void {
    this.#nodes.remove(nodeId);
  }

  resume(lastNodeId: string): void {
    this.#nodes.resume(lastNodeId);
  }

  get memory(): SchedulerMemory {
    return this.#nodes.memory;
  }

  recall(memory: SchedulerMemory): void {
    this.#nodes.recall(memory);
  }

  decide(request: PlacementRequest): Decision {
    if (!this.#isOfItsClass(request)) return this.#askAll(request);
    const taskClass = this.#classes.of(request);
    const index = this.#indexOf(taskClass);
    return index === undefined ? this.#scan(taskClass) : this.#lookUp(taskClass, index);
  }

  fits(request: PlacementRequest): boolean {
    if (this.#isOfItsClass(request)) {
      const index = this.#indexOf(this.#classes.of(request));
      if (index !== undefined) return index.best(1).length > 0;
    }
    const question = this.#question(filteredTask(request));
    for (let position = 0; position < this.#nodes.count; position += 1) {
      if (!Number.isNaN(costOf(question, position))) return true;
    }
    return false;
  }

  takes(request: PlacementRequest, nodeId: string): boolean {
    const position = this.#nodes.positionOf(nodeId);
    return position !== undefined && !Number.isNaN(costOf(this.#question(filteredTask(request)), position));
  }

  explain(request: PlacementRequest): Decision {
    return this.#judged(filteredTask(request));
  }

  /** Whether nothing but its spec, and its name, decides where the task can run. */
  #isOfItsClass({ excluded, acceptsDamped, heldNode, ignoresHolds }: PlacementRequest): boolean {
    const { order, filters } = this.#algorithm;
    if (order === "none" || filters.length > 0) return false;
    const asksForHolds = heldNode !== undefined || (ignoresHolds === true && this.#nodes.nodesHeld > 0);
    return excluded === undefined && acceptsDamped !== true && !asksForHolds;
  }

  /** The index of a class that is asked for again. */
  #indexOf(taskClass: TaskClass): ClassIndex | undefined {
    if (taskClass.index === undefined && taskClass.isKnown) {
      const newParts = (): IndexParts => this.#indexParts(taskClass.task);
      taskClass.index = new ClassIndex(this.#nodes, taskClass, { newParts, notes: this.#notes, sheet: this.#sheet });
    }
    taskClass.isKnown = true;
    return taskClass.index;
  }

  #indexParts(task: FilteredTask): IndexParts {
    const isInTurn = this.#algorithm.order === "turn";
    return {
      costs: this.#costsOf(task),
      preference: isInTurn ? new Turns(this.#nodes) : new CostTree(this.#nodes, this.#replay),
      areCostsKept: !isInTurn,
    };
  }

  #lookUp(taskClass: TaskClass, index: ClassIndex): Decision {
    const best = index.best(Math.max(1, this.#mostCosts));
    if (best.length === 0) return this.#judged(taskClass.task, index.rejections);
    return this.#found(best, index.note(best, this.#mostCosts), index.rejections);
  }

  /** For a class that is seen for the first time. */
  #scan(taskClass: TaskClass): Decision {
    const nodes = this.#nodes;
    const sheet = this.#sheet;
    sheet.fit(nodes.count);
    taskClass.suitability.catchUp();
    const costs = this.#costsOf(taskClass.task);
    costs.write(sheet.costs, nodes.all);
    const isAnyRejected = taskClass.writeRejects(sheet.rejects, nodes.all);
    const rejections = isAnyRejected ? this.#turnDown(taskClass) : NONE_REJECTED;
    const best = this.#podium;
    best.clear(Math.max(1, this.#mostCosts));
    best.offerAll(sheet.costs, nodes.tasks, nodes.count);
    if (best.length === 0) return this.#judged(taskClass.task, rejections);
    return this.#found(best, this.#note(best, costs), rejections);
  }

  #note(best: Positions, costs: Costs): { notes: Notes; list: number } {
    const length = Math.min(this.#mostCosts, best.length);
    const notes = this.#notes.pageFor(length, costs);
    return { notes, list: notes.addList(best, length, { costs }) };
  }

  /** The nodes that are rejected, which get a cost of Infinity. */
  #turnDown(taskClass: TaskClass): Rejections {
    const { costs, rejects } = this.#sheet;
    const tally = this.#tally;
    const examples: RejectedNote[] = [];
    tally.reset();
    for (let position = 0; position < this.#nodes.count; position += 1) {
      const bits = rejects[position] as number;
      if (bits === 0) continue;
      costs[position] = Number.POSITIVE_INFINITY;
      tally.add(bits);
      if (examples.length < MOST_EXAMPLES) examples.push(new RejectedNote(this.#nodes, taskClass, { position, bits }));
    }
    return new Rejections(tally.groups, examples);
  }

  /** Asks every filter of every node. */
  #askAll(request: PlacementRequest): Decision {
    const nodes = this.#nodes;
    const task = filteredTask(request);
    const question = this.#question(task);
    const podium = this.#podium;
    podium.clear(Math.max(1, this.#mostCosts));
    const rejected: number[] = [];
    for (let position = 0; position < nodes.count; position += 1) {
      const cost = costOf(question, position);
      if (Number.isNaN(cost)) rejected.push(position);
      else podium.offer(position, cost, nodes.tasks[position] as number);
    }
    if (podium.length === 0) return this.#judged(task);
    const costs = asked(question, podium);
    const notes: Notes = {
      scheduler: this.name,
      considered: nodes.count,
      readList: (_at, most) => costs.slice(0, most),
    };
    return this.#found(podium, { notes, list: 0 }, turnDown(question, rejected));
  }

  #found({ positions }: Positions, noted: { notes: Notes; list: number }, rejections: TurnedDown): Decision {
    const position = positions[0] as number;
    this.#nodes.picked(position);
    return new Found(this.#nodes.at(position).view.id, noted, rejections);
  }

  #judged(task: FilteredTask, turnedDown?: TurnedDown): Decision {
    const facts = { scheduler: this.name, considered: this.#nodes.count };
    return new Judged(facts, () => this.#question(task), turnedDown);
  }

  #question(task: FilteredTask): Question {
    const filters = this.#filters.filter((filter) => filter.concerns(task));
    return { task, nodes: this.#nodes, filters, costs: this.#costsOf(task) };
  }
}

/** What there is to say of nodes that were asked. A user's own cost, asked again, may have changed its mind. */
function asked({ nodes, costs }: Question, { positions, costs: known, length }: Podium): CostedNode[] {
  return Array.from({ length }, (_, place) => {
    const position = positions[place] as number;
    const explained = costs.explain(position);
    const cost = entry(known, place);
    return { node: nodes.at(position).view.name, cost, terms: isRejection(explained) ? {} : explained.terms };
  });
}
