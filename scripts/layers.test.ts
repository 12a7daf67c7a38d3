/** The linter's layering bites: every import that the table does not allow is refused, with its reason, and no other. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forbiddenImports, type Layer, LAYERS, layerOf } from "./layers.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PURE = LAYERS.filter(({ pure }) => pure);

/** What a pure folder may not touch, each as a line of code. */
const WORLD = [
  "Date.now();",
  "Math.random();",
  "setTimeout(() => {}, 1);",
  "setInterval(() => {}, 1);",
  "performance.now();",
  "process.exit();",
  'console.log("");',
  'fetch("");',
  "crypto.randomUUID();",
];

const PACKAGES = ["node:fs", "fs", "fastify", "@fastify/websocket"];

interface Complaint {
  readonly line: number;
  readonly text: string;
}

/** A checkout of its own with our configuration and files made for it, and what the linter says of them. */
const folder = mkdtempSync(join(tmpdir(), "birdman-lint-"));
let complaints: ReadonlyMap<string, readonly Complaint[]> = new Map();

/** One file importing something of every layer, so many folders below its own layer's. */
function importsOf(layer: Layer, depth: number): readonly string[] {
  const here = `${layer.folder}${"/x".repeat(depth)}`;
  const others = LAYERS.filter((other) => other !== layer).map((other) =>
    posix.relative(here, `${other.folder}/some.ts`),
  );
  return others.map((path) => (path.startsWith("../") ? path : `./${path}`));
}

function fileOf(layer: Layer, depth: number): string {
  return `src/${layer.folder}/${"x/".repeat(depth)}imports.ts`;
}

function put(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), lines.join("\n"));
}

function lint(): ReadonlyMap<string, readonly Complaint[]> {
  const config = JSON.stringify(join(ROOT, "oxlint.config.ts"));
  put("oxlint.config.ts", [
    `import config from ${config};`,
    "export default { ...config, options: {}, categories: {} };",
  ]);
  let output: string;
  try {
    output = execFileSync(process.execPath, [join(ROOT, "node_modules/oxlint/bin/oxlint"), "-f", "json", "src"], {
      cwd: folder,
      encoding: "utf8",
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: {
      filename: string;
      code: string;
      message: string;
      help?: string;
      labels: { span: { line: number } }[];
    }[];
  };
  return Map.groupBy(
    diagnostics
      .filter(({ code }) => code.includes("no-restricted"))
      .map(({ filename, message, help, labels }) => ({
        filename,
        line: labels[0]?.span.line ?? 0,
        text: `${message} ${help ?? ""}`,
      }))
      .toSorted((a, b) => a.line - b.line),
    ({ filename }) => filename,
  );
}

beforeAll(() => {
  for (const layer of LAYERS) {
    for (const depth of [0, 1, 2]) {
      put(
        fileOf(layer, depth),
        importsOf(layer, depth).map((path, index) => `export { a as a${String(index)} } from "${path}";`),
      );
    }
  }
  for (const { folder: name } of PURE) {
    put(`src/${name}/world.ts`, WORLD);
    put(
      `src/${name}/packages.ts`,
      PACKAGES.map((path) => `export * from "${path}";`),
    );
    put(`src/${name}/fine.ts`, [
      'export * from "typebox";',
      'export * from "typebox/compile";',
      'export * from "./world.ts";',
    ]);
    put(`src/${name}/free.test.ts`, [
      ...WORLD,
      'export * from "node:fs";',
      'export * from "../../anything/at-all.ts";',
    ]);
  }
  complaints = lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for(LAYERS.flatMap((layer) => [0, 1, 2].map((depth) => [layer.folder, depth, layer] as const)))(
  "%s, %i folders down, is refused every import that it is not meant to have",
  ([, depth, layer]) => {
    const allowed = (path: string): boolean => {
      const target = posix.relative("src", posix.join(dirname(fileOf(layer, depth)), path));
      return layer.uses.includes(layerOf(target)?.folder ?? "");
    };
    const expected = importsOf(layer, depth).flatMap((path, index) => (allowed(path) ? [] : [index + 1]));
    const said = complaints.get(fileOf(layer, depth)) ?? [];
    expect(said.map(({ line }) => line)).toEqual(expected);
    for (const { text } of said) expect(text).toContain(layer.reason);
  },
);

test.for(PURE.map((layer) => layer.folder))("%s is refused the world", (name) => {
  expect(complaints.get(`src/${name}/world.ts`)?.map(({ line }) => line)).toEqual(WORLD.map((_, index) => index + 1));
  expect(complaints.get(`src/${name}/packages.ts`)?.map(({ line }) => line)).toEqual(
    PACKAGES.map((_, index) => index + 1),
  );
  expect(complaints.get(`src/${name}/fine.ts`)).toBeUndefined();
  expect(complaints.get(`src/${name}/free.test.ts`)).toBeUndefined();
});

test("a host may import the interface of what it is handed, and not its implementations", () => {
  const worker = LAYERS.find((layer) => layer.folder === "worker");
  if (worker === undefined) throw new Error("there is no layer worker");
  expect(forbiddenImports(worker, 0)).toEqual(
    expect.arrayContaining(["./runtimes/**", "!./runtimes/runtime.ts", "!../store/store.ts"]),
  );
});

test("a layer uses only layers that stand before it", () => {
  for (const [index, { uses }] of LAYERS.entries()) {
    const below = LAYERS.slice(0, index).map(({ folder: name }) => name);
    expect(
      uses.filter((use) => !below.some((name) => use === name || use.startsWith(`${name}/`)) && !use.startsWith("../")),
    ).toEqual([]);
  }
});
