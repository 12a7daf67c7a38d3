/** The built-in filters, in the order in which they explain themselves. Those that ask what a node has left: `resource-filters.ts`. */
import { labelOf, satisfies, type AntiAffinity, type Constraint } from "../task/constraint.ts";
import { formatAmount, ofResource } from "./amounts.ts";
import type { Candidate, Filter, FilteredTask } from "./filter.ts";
import { cpu, disk, memory, ports } from "./resource-filters.ts";
import type { NodeView } from "./scheduler.ts";

const availability: Filter = {
  name: "availability",
  asks: "description",
  concerns: () => true,
  passes: (_task, { view }) => view.availability === "active",
  explain(_task, { view }) {
    const is = view.availability === "drain" ? "being drained" : "paused";
    const message = `needs an active node, this one is ${is}`;
    return { filter: "availability", needs: "active", has: view.availability, message };
  },
  remedy: (_task, { view }) => ({ change: `activate ${view.name}`, size: 0 }),
};

const status: Filter = {
  name: "status",
  asks: "description",
  concerns: () => true,
  passes: (_task, { view }) => view.status === "ready",
  explain(_task, { view }) {
    const is = view.status === "left" ? "has left the cluster" : `is ${view.status}`;
    return { filter: "status", needs: "ready", has: view.status, message: `needs a ready node, this one ${is}` };
  },
  remedy: (_task, { view }) => ({ change: `${view.name} ready again`, size: 1 }),
};

const damping: Filter = {
  name: "damping",
  asks: "description",
  concerns: (task) => !task.acceptsDamped,
  passes: (_task, { view }) => !view.isDamped,
  explain() {
    const message = "needs a node that stays, this one has come back of late and has to show that first";
    return { filter: "damping", needs: "calm", has: "came back of late", message };
  },
  remedy: (_task, { view }) => ({ change: `a little patience with ${view.name}`, size: 0 }),
};

const held: Filter = {
  name: "held",
  asks: "description",
  concerns: (task) => !task.ignoresHolds,
  passes: (task, { view }) => view.heldFor === undefined || task.heldNode === view.id,
  explain(_task, { view: { heldFor = "another task" } }) {
    return {
      filter: "held",
      needs: "a node that is not held",
      has: heldFor,
      message: `this node is held for ${heldFor}`,
    };
  },
  remedy: (_task, { view }) => ({ change: `a little patience with ${view.name}`, size: 0 }),
};

const runtime: Filter = {
  name: "runtime",
  asks: "description",
  concerns: () => true,
  passes: (task, { view }) => view.runtimes.includes(task.runtime) && view.sick?.[task.runtime] === undefined,
  explain(task, { view }) {
    const sick = view.sick?.[task.runtime];
    if (sick !== undefined) {
      const message = `${task.runtime} on ${view.name} does not answer: ${sick}`;
      return { filter: "runtime", needs: `${task.runtime} that answers`, has: sick, message };
    }
    const has = view.runtimes.length === 0 ? "none" : view.runtimes.join(", ");
    const message = `needs the ${task.runtime} runtime, this node offers ${has}`;
    return { filter: "runtime", needs: task.runtime, has, message };
  },
  remedy: (task, { view }) =>
    view.runtimes.includes(task.runtime)
      ? { change: `${task.runtime} on ${view.name} answering again`, size: 0 }
      : { change: `the ${task.runtime} runtime on ${view.name}`, size: 1 },
};

const constraint: Filter = {
  name: "constraint",
  asks: "description",
  concerns: (task) => task.constraints.length > 0,
  passes: (task, { load }) => task.constraints.every((one) => satisfies(load, one)),
  explain(task, node) {
    const unmet = unmetConstraints(task, node);
    const needs = unmet.map(({ text }) => text).join(" and ");
    const has = [...new Set(unmet.map((one) => factAsked(one, node)))].join(", ");
    return { filter: "constraint", needs, has, message: `needs ${needs}, this node has ${has}` };
  },
  remedy(task, node) {
    const unmet = unmetConstraints(task, node);
    if (unmet.some(({ subject }) => subject.kind !== "label")) return undefined;
    return { change: `${unmet.map(({ text }) => text).join(" and ")} on ${node.view.name}`, size: 1 };
  },
};

const antiAffinity: Filter = {
  name: "antiAffinity",
  asks: "tasks",
  concerns: (task) => task.antiAffinity.length > 0,
  passes: (task, { view }) => task.antiAffinity.every((one) => tasksMet(one, view) === 0),
  explain(task, { view }) {
    const met = task.antiAffinity.filter((one) => tasksMet(one, view) > 0);
    const needs = `no ${met.map(tasksMeant).join(" and no ")}`;
    const has = met.reduce((sum, one) => sum + tasksMet(one, view), 0);
    const message = `needs a node with ${needs}, this one runs ${String(has)}`;
    return { filter: "antiAffinity", needs, has, message };
  },
  remedy(task, { view }) {
    const met = task.antiAffinity.filter((one) => tasksMet(one, view) > 0);
    return { change: `no ${met.map(tasksMeant).join(" and no ")} on ${view.name}`, size: 1 };
  },
};

const refusal: Filter = {
  name: "refusal",
  asks: "request",
  concerns: (task) => task.excluded.size > 0,
  passes: (task, { view }) => !task.excluded.has(view.id),
  explain(task, { view }) {
    const reason = task.excluded.get(view.id) ?? "";
    const message = `needs a node that did not turn it away lately, this one did: ${reason}`;
    return { filter: "refusal", needs: "not turned away lately", has: reason, message };
  },
  remedy: (_task, { view }) => ({ change: `another try on ${view.name}`, size: 0 }),
};

export const FILTERS: readonly Filter[] = [
  availability,
  status,
  damping,
  held,
  runtime,
  constraint,
  antiAffinity,
  cpu,
  memory,
  disk,
  ports,
  refusal,
];

/** The filter's bit in a set of FILTERS. */
export function bitOf(filter: Filter): number {
  return 1 << FILTERS.indexOf(filter);
}

export function bitsOf(filters: readonly Filter[]): number {
  return filters.reduce((bits, filter) => bits | bitOf(filter), 0);
}

/** The bits of those of the filters that reject the node. */
export function rejecting(filters: readonly Filter[], task: FilteredTask, node: Candidate): number {
  let bits = 0;
  for (const filter of filters) if (!filter.passes(task, node)) bits |= bitOf(filter);
  return bits;
}

function unmetConstraints(task: FilteredTask, { load }: Candidate): Constraint[] {
  return task.constraints.filter((one) => !satisfies(load, one));
}

/** What the node has where the constraint asks. */
function factAsked({ subject }: Constraint, { load }: Candidate): string {
  switch (subject.kind) {
    case "label": {
      const value = labelOf(load, subject.key);
      return value === undefined ? `no label ${subject.key}` : `label.${subject.key} = ${value}`;
    }
    case "node":
      return `the name ${load.name}`;
    case "runtime":
      return load.runtimes.length === 0 ? "no runtime" : `runtime ${load.runtimes.join(", ")}`;
    case "capacity":
      return ofResource(subject.resource, formatAmount(subject.resource, load.capacity[subject.resource]));
  }
}

/** How many of the tasks that the entry means run on the node. */
function tasksMet(one: AntiAffinity, view: NodeView): number {
  return one.kind === "taskName"
    ? (view.taskNames.get(one.name) ?? 0)
    : (view.taskLabels.get(`${one.key}=${one.value}`) ?? 0);
}

function tasksMeant(one: AntiAffinity): string {
  return one.kind === "taskName" ? `task named ${one.name}` : `task with ${one.text}`;
}
