/**
 * The layers of src/ and what each may import: the one table that the linter enforces and that the picture in
 * ARCHITECTURE.md is drawn by. From the bottom up; a layer may import only what stands before it.
 */
import { posix } from "node:path";

export interface Layer {
  /** Below src/. A layer inside another one's folder is a layer of its own. */
  readonly folder: string;
  /** Layers, or single files, that it may import besides its own files. */
  readonly uses: readonly string[];
  /** Neither node:* nor packages (typebox excepted), no clock, no chance, no timers, no console. */
  readonly pure: boolean;
  /** Why, for whoever is stopped by it. */
  readonly reason: string;
}

const PURE_WORDS = ["utils", "task", "node"] as const;

export const LAYERS: readonly Layer[] = [
  { folder: "utils", uses: [], pure: true, reason: "utils are words that know nothing of Birdman" },
  { folder: "task", uses: ["utils"], pure: true, reason: "what a task is does not depend on where or how it runs" },
  { folder: "node", uses: ["task", "utils"], pure: true, reason: "what a node is depends on tasks alone" },
  {
    folder: "protocol",
    uses: PURE_WORDS,
    pure: true,
    reason: "messages are made of tasks and nodes, and know neither of the two that exchange them",
  },
  {
    folder: "scheduler",
    uses: PURE_WORDS,
    pure: true,
    reason: "a placement depends on nodes and tasks alone, so that it can be explained and replayed",
  },
  {
    folder: "manager/core",
    uses: ["scheduler", "protocol", ...PURE_WORDS],
    pure: true,
    reason: "the core takes events and hands out effects; whatever touches the world is its host's",
  },
  {
    folder: "manager/plan",
    uses: ["manager/core", "scheduler", ...PURE_WORDS],
    pure: true,
    reason: "a plan is worked out on a copy of what the core knows; whatever touches the world is its host's",
  },
  {
    folder: "worker/core",
    uses: ["protocol", ...PURE_WORDS],
    pure: true,
    reason: "the core takes events and hands out effects; whatever touches the world is its host's",
  },
  {
    folder: "api",
    uses: ["scheduler", "protocol", ...PURE_WORDS],
    pure: false,
    reason: "the HTTP contract is composed from the pure folders; servers and clients use it, not the other way round",
  },
  {
    folder: "client",
    uses: ["api", ...PURE_WORDS],
    pure: false,
    reason: "the client knows the contract, never the server",
  },
  { folder: "store", uses: ["utils"], pure: false, reason: "a store knows tables and keys, not what is in them" },
  { folder: "stats", uses: PURE_WORDS, pure: false, reason: "measuring knows nothing of who asks" },
  {
    folder: "worker/runtimes",
    uses: ["stats", "protocol", ...PURE_WORDS],
    pure: false,
    reason: "a runtime runs what it is given and knows nothing of the worker that gives it",
  },
  {
    folder: "manager",
    uses: ["manager/core", "manager/plan", "api", "store/store.ts", "scheduler", "protocol", ...PURE_WORDS],
    pure: false,
    reason: "the manager's host meets the worker only in protocol/, and is handed its store by cmd/",
  },
  {
    folder: "worker",
    uses: ["worker/core", "worker/runtimes/runtime.ts", "api", "store/store.ts", "stats", "protocol", ...PURE_WORDS],
    pure: false,
    reason: "the worker's host meets the manager only in protocol/, and is handed its store and runtimes by cmd/",
  },
  {
    folder: "sim",
    uses: ["manager/core", "manager/lease-keeper.ts", "worker/core", "scheduler", "protocol", ...PURE_WORDS],
    pure: true,
    reason: "the simulated world is as repeatable as the cores in it: its time and its chance come from the seed",
  },
  {
    folder: "cmd",
    uses: [
      "manager",
      "worker",
      "worker/runtimes",
      "stats",
      "store",
      "client",
      "api",
      "sim",
      "scheduler",
      "protocol",
      ...PURE_WORDS,
      "../package.json",
    ],
    pure: false,
    reason: "cmd/ puts the parts together; only commands that simulate, or draw by chance, may reach into sim/",
  },
];

/** The layer that a file of src/ belongs to: the innermost one. */
export function layerOf(file: string): Layer | undefined {
  const holding = LAYERS.filter(({ folder }) => file.startsWith(`${folder}/`));
  return holding.toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

/**
 * Patterns, as `no-restricted-imports` takes them, of the imports that a file so many folders below its layer's may not
 * have: everything outside its layer's folder and in layers inside it, except what the layer uses. The last pattern that
 * fits an import decides.
 */
export function forbiddenImports(layer: Layer, depth: number): string[] {
  const here = `${layer.folder}${"/x".repeat(depth)}`;
  const below = (path: string): string => {
    const way = posix.relative(here, path);
    const pattern = posix.extname(path) === "" ? `${way}/**` : way;
    return way.startsWith("../") ? pattern : `./${pattern}`;
  };
  const isUsed = (folder: string): boolean => layer.uses.some((use) => use === folder);
  const inside = LAYERS.map(({ folder }) => folder).filter(
    (folder) => !isUsed(folder) && [layer.folder, ...layer.uses].some((outer) => folder.startsWith(`${outer}/`)),
  );
  const folders = layer.uses.filter((use) => posix.extname(use) === "");
  const files = layer.uses.filter((use) => posix.extname(use) !== "");
  return [
    `${"../".repeat(depth + 1)}**`,
    ...folders.map((use) => `!${below(use)}`),
    ...inside.map(below),
    ...files.map((use) => `!${below(use)}`),
  ];
}
