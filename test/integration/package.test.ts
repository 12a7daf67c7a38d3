/** The package as its users have it: packed, installed elsewhere, imported from a project of theirs. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { TestCluster } from "../support/birdman-process.ts";
import { temporaryFiles } from "../support/temporary-files.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** What the page about the API shows, all of it in one program. */
const PROGRAM = [...readFileSync(join(ROOT, "docs/api.md"), "utf8").matchAll(/```ts\n([^]*?)```/g)]
  .map(([, code]) => code)
  .join("\n");

/** Each line is wrong, and must be. */
const MISTAKES = `
import { Birdman } from "birdman/client";
const client = Birdman.connect();
// @ts-expect-error: no field of a task
await client.submit({ imag: "birdman/echo" });
// @ts-expect-error: no state
await client.tasks({ state: "sleeping" });
// @ts-expect-error: not a number
const name: number = (await client.task("…")).name;
console.log(name);
`;

const file = temporaryFiles();
let project = "";

beforeAll(async () => {
  const node = join(ROOT, "node_modules/.bin/node");
  await run(node, [join(ROOT, "scripts/build-client.ts")]);
  const folder = file("");
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", folder],
    { cwd: ROOT },
  );
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  project = join(folder, "project");
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "birdman"), { recursive: true });
  await run("tar", ["-xzf", join(folder, packed.filename), "--strip-components=1", "-C", join(modules, "birdman")]);
  // What npm would put there; the client loads nothing of it in this test.
  symlinkSync(join(ROOT, "node_modules/typebox"), join(modules, "typebox"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(project, "program.ts"), PROGRAM);
  writeFileSync(join(project, "mistakes.ts"), MISTAKES);
  const lib = ["esnext", "dom", "dom.iterable"];
  const compilerOptions = { module: "nodenext", target: "esnext", lib, types: [], strict: true, noEmit: true };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
});

test("what is exported is in the package, without sources or tests", () => {
  const installed = join(project, "node_modules/birdman");
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    exports: { "./client": { types: string; default: string } };
  };
  for (const path of Object.values(exports["./client"])) expect(existsSync(join(installed, path))).toBe(true);
  expect(existsSync(join(installed, "src"))).toBe(false);
  expect(existsSync(join(installed, "test"))).toBe(false);
});

test("a program that imports it type checks, and its mistakes do not", async () => {
  await expect(run(join(ROOT, "node_modules/.bin/tsc"), ["-p", project])).resolves.toMatchObject({ stdout: "" });
});

test("a program that imports it runs", async () => {
  const cluster = await TestCluster.start();
  try {
    await cluster.startWorker("worker1", ["--runtime", "process"]);
    writeFileSync(join(project, "here.ts"), PROGRAM.replace("http://localhost:8080", cluster.url));
    const { stdout } = await run(join(ROOT, "node_modules/.bin/node"), [join(project, "here.ts")]);
    expect(stdout).toMatch(PRINTED);
  } finally {
    await cluster.close();
  }
});

const PRINTED =
  /^hello is (pending|scheduled)\n(\d+ (pending|scheduled) .*\n)+\d+ running .*\nhello\n\n[0-9a-f-]{36} running worker1\n1 node\ntask_not_found: .*\n$/;
