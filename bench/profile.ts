/** Where a process spent its time: the samples of a profile, by the part of the program that was at work. */
import type { Profiler } from "node:inspector";

/** Milliseconds by part. */
export type TimeOf = Readonly<Record<string, number>>;

/** The first pattern that the innermost known file of a stack matches names its part. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ["reading the request", /\/src\/api\/(json-body|submission|task-rules|schema-errors)/],
  ["store", /\/src\/store\/|better-sqlite3/],
  ["records as text", /\/manager\/core\/records/],
  ["scheduler and ledger", /\/src\/scheduler\/|\/src\/node\//],
  ["core", /\/manager\/core\/|\/src\/task\/|\/src\/utils\//],
  ["frames", /\/src\/protocol\/|worker-sockets|\/node_modules\/ws\//],
  [
    "requests and answers",
    /\/manager\/http\/|\/src\/api\/|\/node_modules\/(fastify|@fastify|find-my-way)\/|\/manager\/(manager-host|queries)/,
  ],
  ["loop", /\/src\/manager\//],
];

export function timeByPart({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): TimeOf {
  const parts = partOfNodes(nodes);
  const time = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = parts.get(id) ?? "other";
    time.set(part, (time.get(part) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return Object.fromEntries([...time].sort(([, a], [, b]) => b - a));
}

/** Children come after their parents. */
function partOfNodes(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, string> {
  const parts = new Map<number, string>();
  const parents = new Map<number, number>();
  for (const { id, children } of nodes) for (const child of children ?? []) parents.set(child, id);
  for (const { id, callFrame } of nodes) {
    const inherited = parts.get(parents.get(id) ?? -1) ?? "other";
    parts.set(id, own(callFrame) ?? inherited);
  }
  return parts;
}

function own({ url, functionName }: Profiler.ProfileNode["callFrame"]): string | undefined {
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "sockets and runtime";
  return PARTS.find(([, pattern]) => pattern.test(url))?.[0];
}
