/**
 * Draws the picture in ARCHITECTURE.md from the imports in src/, or with `--check` says whether it is stale. Imports that
 * the table of layers does not allow are errors: also the dynamic ones, which the linter does not see.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type Layer, LAYERS, layerOf } from "./layers.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = `${ROOT}ARCHITECTURE.md`;
const BEGIN = "<!-- picture: npm run architecture -->";
const END = "<!-- end of picture -->";

/** `from "./x.ts"`, `import "./x.ts"`, `import("./x.ts")`. */
const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** From layer to the layers that its files import. */
type Edges = ReadonlyMap<string, ReadonlySet<string>>;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly from: Layer;
  readonly to: Layer;
}

/** The imports in src/ that cross from one layer to another, tests left out. */
function crossings(): readonly Import[] {
  const files = globSync("**/*.ts", { cwd: `${ROOT}src`, exclude: ["**/*.test.ts", "**/*.suite.ts"] }).toSorted();
  return files.flatMap((file) => {
    const from = layerOf(file);
    if (from === undefined) throw new Error(`src/${file} belongs to no layer: give it one in scripts/layers.ts`);
    const source = readFileSync(`${ROOT}src/${file}`, "utf8");
    return [...source.matchAll(IMPORT)].flatMap(([, path = ""]) => {
      const target = posix.join(posix.dirname(file), path);
      const to = layerOf(target);
      return to === undefined || to === from ? [] : [{ file, target, from, to }];
    });
  });
}

function isAllowed({ from, to, target }: Import): boolean {
  return from.uses.includes(to.folder) || from.uses.includes(target);
}

function edgesOf(imports: readonly Import[]): Edges {
  const grouped = Map.groupBy(imports, ({ from }) => from.folder);
  return new Map([...grouped].map(([from, group]) => [from, new Set(group.map(({ to }) => to.folder))]));
}

/** Everything that can be reached from a layer by one import or more. */
function reachable(edges: Edges, from: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const queue = [...(edges.get(from) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    queue.push(...(edges.get(next) ?? []));
  }
  return reached;
}

function name(folder: string): string {
  return folder.replace("/", "_");
}

/** A Mermaid flowchart from the top down. An arrow that follows from others is left out. */
function picture(edges: Edges): string {
  const box = ({ folder }: Layer): string => `${name(folder)}["${folder}/"]`;
  const drawn = LAYERS.toReversed();
  const arrows = drawn.flatMap(({ folder }) => {
    const direct = [...(edges.get(folder) ?? [])];
    const needed = direct.filter((to) => !direct.some((other) => other !== to && reachable(edges, other).has(to)));
    return needed.toSorted().map((to) => `  ${name(folder)} --> ${name(to)}`);
  });
  return [
    "```mermaid",
    "flowchart TD",
    ...drawn.filter(({ pure }) => !pure).map((layer) => `  ${box(layer)}`),
    "  subgraph pure",
    ...drawn.filter(({ pure }) => pure).map((layer) => `    ${box(layer)}`),
    "  end",
    ...arrows,
    "```",
  ].join("\n");
}

function replacePicture(page: string, drawing: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`ARCHITECTURE.md lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${drawing}\n\n${END}${after}`;
}

const imports = crossings();
const forbidden = imports.filter((one) => !isAllowed(one));
for (const { file, target, from } of forbidden) {
  console.error(`src/${file} imports ${target}, which ${from.folder}/ may not: ${from.reason}`);
}
const page = readFileSync(PAGE, "utf8");
const redrawn = replacePicture(page, picture(edgesOf(imports)));
if (!process.argv.includes("--check")) writeFileSync(PAGE, redrawn);
else if (redrawn !== page) console.error("The picture in ARCHITECTURE.md is stale: npm run architecture");
if (forbidden.length > 0 || (process.argv.includes("--check") && redrawn !== page)) process.exitCode = 1;
