/**
 * The frames of `GET /live`: the whole cluster once, and from then on what changes, for a page that shows all of it.
 *
 * It is made for many rows. Tasks and nodes are named by numbers that last as long as they do, words by their place in a
 * table of the same frame, states by the numbers of `live-codes.ts`. Rows come as columns; a column whose values are all
 * the same is that one value. A frame says how things are, never by how much they changed, so that taking one twice does
 * no harm. What is told of a task or a node that the reader does not know (yet) is to be passed over: it comes whole.
 */
import { Type, type TSchema } from "typebox";
import { TaskCountsJson } from "./json-types.ts";

/** As many values as the frame has rows of this kind, or the one that all of them have. */
const Column = <T extends TSchema>(value: T) => Type.Union([Type.Array(value), value]);

export type Column<T> = T[] | T;

const Code = Type.Integer({ minimum: 0 });
const Numbers = Type.Array(Type.Integer(), { description: "The number of each row's task or node" });

/** The part of a task that changes. */
const changing = {
  n: Numbers,
  state: Column(Code),
  health: Column(Code),
  wish: Column(Code),
  node: Column(Type.Integer({ description: "Number of the node of the current or the last attempt; 0: none" })),
  attempt: Column(Type.Integer()),
  restarts: Column(Type.Integer()),
  reason: Column(Type.Integer({ description: "Place in `words`" })),
  since: Column(Type.Integer({ description: "When it came into its state: milliseconds before `at`" })),
  notBefore: Column(
    Type.Integer({ description: "Not to be placed before then: wall clock, milliseconds; 0: no such moment" }),
  ),
  cpu: Column(Type.Integer({ description: "Measured use: hundredths of a core; -1: not measured" })),
  memory: Column(Type.Integer({ description: "Measured use: MiB; -1: not measured" })),
};

export const LiveTaskChangesSchema = Type.Object(changing);
export const LiveTasksSchema = Type.Object({
  ...changing,
  id: Type.Array(Type.String()),
  name: Type.Array(Type.String()),
  spec: Column(Type.Integer({ description: "Number of its spec" })),
  age: Column(Type.Integer({ description: "When it was accepted: milliseconds before `at`" })),
});
export const LiveUsesSchema = Type.Object({ n: Numbers, cpu: changing.cpu, memory: changing.memory });

/** Cores, bytes and bytes; of `used` null where nothing is measured. */
const load = {
  reservedCpu: Column(Type.Number()),
  reservedMemory: Column(Type.Number()),
  reservedDisk: Column(Type.Number()),
  usedCpu: Column(Type.Number({ description: "-1: not measured; the same of memory and disk" })),
  usedMemory: Column(Type.Number()),
  usedDisk: Column(Type.Number()),
};

export const LiveLoadsSchema = Type.Object({ n: Numbers, ...load });
export const LiveNodesSchema = Type.Object({
  n: Numbers,
  ...load,
  name: Type.Array(Type.String()),
  status: Column(Code),
  availability: Column(Code),
  reason: Column(Type.Integer({ description: "Place in `words`" })),
  blocked: Column(Type.Integer({ description: "What is in the way of its drain: place in `words`" })),
  address: Column(Type.String()),
  version: Column(Type.String()),
  labels: Column(Type.Integer({ description: "Place in `labels`" })),
  runtimes: Column(Type.String({ description: "Separated by spaces" })),
  cpu: Column(Type.Number()),
  memory: Column(Type.Number()),
  disk: Column(Type.Number()),
  joinedAt: Column(Type.Integer({ description: "Wall clock, milliseconds" })),
});

/** What tasks that were submitted alike have in common. */
export const LiveSpecSchema = Type.Object({
  n: Type.Integer(),
  runs: Type.String({ description: "The image, or the command of a process" }),
  runtime: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  cpu: Type.Number(),
  memory: Type.Number(),
  disk: Type.Number(),
});

const Latency = Type.Union([Type.Object({ p50: Type.Number(), p99: Type.Number() }), Type.Null()]);

/** What happened in one second. */
export const LiveRatesSchema = Type.Object({
  at: Type.Integer({ description: "Its beginning: wall clock, milliseconds" }),
  submitted: Type.Integer(),
  placed: Type.Integer(),
  started: Type.Integer(),
  completed: Type.Integer(),
  failed: Type.Integer(),
  placementMs: Latency,
  startMs: Latency,
});

export const LiveTotalsSchema = Type.Object({
  tasks: TaskCountsJson,
  scheduler: Type.String(),
  brake: Type.Union([Type.Object({ since: Type.Integer(), reason: Type.String() }), Type.Null()]),
});

export const LiveFrameSchema = Type.Object({
  rev: Type.Integer({
    description: "A frame of changes has the next number; those of a snapshot have that of the changes before them",
  }),
  at: Type.Integer({ description: "The manager's wall clock, milliseconds" }),
  snapshot: Type.Optional(
    Type.Union([Type.Literal("begin"), Type.Literal("part"), Type.Literal("end")], {
      description:
        "Absent from changes, which may come between two parts. What no part has told of by the end is not there any more",
    }),
  ),
  expected: Type.Optional(
    Type.Object({ nodes: Type.Integer(), tasks: Type.Integer() }, { description: "With the beginning, about" }),
  ),
  words: Type.Optional(Type.Array(Type.String())),
  labels: Type.Optional(Type.Array(Type.Record(Type.String(), Type.String()))),
  specs: Type.Optional(Type.Array(LiveSpecSchema, { description: "Of all tasks that are whole in this frame" })),
  nodes: Type.Optional(LiveNodesSchema),
  loads: Type.Optional(LiveLoadsSchema),
  forgotten: Type.Optional(Type.Array(Type.Integer(), { description: "Numbers of nodes that are no more" })),
  tasks: Type.Optional(LiveTasksSchema),
  changes: Type.Optional(LiveTaskChangesSchema),
  uses: Type.Optional(LiveUsesSchema),
  waits: Type.Optional(
    Type.Object(
      { spec: Type.Array(Type.Integer()), reason: Column(Type.Integer({ description: "Place in `words`" })) },
      { description: "Why tasks of these specs fit nowhere now: what holds of a pending one; empty: not so any more" },
    ),
  ),
  totals: Type.Optional(LiveTotalsSchema),
  rates: Type.Optional(Type.Array(LiveRatesSchema, { description: "Oldest first" })),
});

export type LiveTaskChanges = Type.Static<typeof LiveTaskChangesSchema>;
export type LiveTasks = Type.Static<typeof LiveTasksSchema>;
export type LiveUses = Type.Static<typeof LiveUsesSchema>;
export type LiveLoads = Type.Static<typeof LiveLoadsSchema>;
export type LiveNodes = Type.Static<typeof LiveNodesSchema>;
export type LiveSpec = Type.Static<typeof LiveSpecSchema>;
export type LiveRates = Type.Static<typeof LiveRatesSchema>;
export type LiveTotals = Type.Static<typeof LiveTotalsSchema>;
export type LiveFrame = Type.Static<typeof LiveFrameSchema>;
