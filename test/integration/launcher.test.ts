/** `bin/birdman`: runs from everywhere, stands in nobody's way, and says what to do where the checkout is not set up. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODE_FLAGS } from "../../scripts/package/node-flags.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "bin/birdman");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "birdman-launcher-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[], cwd = "/") {
  return spawnSync(command, args, { cwd, encoding: "utf8" });
}

/** A checkout with our launcher and a program of its own; set up or not. */
function checkout(name: string, program: string, isSetUp: boolean): string {
  const root = join(folder, name);
  mkdirSync(join(root, "src/cmd"), { recursive: true });
  for (const part of ["bin", "scripts/launch.mjs", "package.json"])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  writeFileSync(join(root, "src/cmd/main.ts"), program);
  if (isSetUp) symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return root;
}

test("runs from any folder, by itself and under Node", () => {
  expect(run(PROGRAM, ["--version"])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  expect(run(process.execPath, [PROGRAM, "--version"])).toMatchObject({
    status: 0,
    stdout: `${version}\n`,
    stderr: "",
  });
  expect(run("sh", ["birdman", "--version"], join(ROOT, "bin"))).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test("runs through symlinks to symlinks, absolute and relative", () => {
  mkdirSync(join(folder, "links"));
  symlinkSync(PROGRAM, join(folder, "links/absolute"));
  symlinkSync("links/absolute", join(folder, "relative"));
  expect(run(join(folder, "relative"), ["--version"])).toMatchObject({ status: 0, stdout: `${version}\n` });
  expect(run("./relative", ["--version"], folder)).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test("hands its arguments on as they are, and the program's exit status back", () => {
  const program = "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;";
  const root = checkout("arguments", program, true);
  const args = ["run", "a b", "", "--", "$HOME", "*", '"'];
  expect(run(join(root, "bin/birdman"), args)).toMatchObject({ status: 7, stdout: `${JSON.stringify(args)}\n` });
});

test("becomes the program: a signal reaches it, and no other process is left", async () => {
  const program =
    'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); console.log(process.pid);';
  const child = spawn(join(checkout("signals", program, true), "bin/birdman"), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = (await once(createInterface(child.stdout), "line")) as [string];
  expect(Number(pid)).toBe(child.pid);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([9, null]);
});

test("starts Node with our flags", () => {
  const root = checkout("flags", "console.log(JSON.stringify(process.execArgv));", true);
  expect(JSON.parse(run(join(root, "bin/birdman"), []).stdout)).toEqual(NODE_FLAGS);
});

test("the benchmarks run as the program does", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: { bench: string } };
  expect(scripts.bench).toBe(["node", ...NODE_FLAGS, "bench/main.ts"].join(" "));
});

test("says how to set the checkout up where that was not done", () => {
  const root = checkout("bare", "", false);
  const ran = run(process.execPath, [join(root, "bin/birdman"), "status"]);
  expect(ran).toMatchObject({ status: 1, stdout: "" });
  expect(ran.stderr).toBe(`birdman: this checkout is not set up; run: cd ${root}/ && npm run setup\n`);
});

// What stands between the user and the program where `node bin/birdman` is an old Node's.
test("a program run as a child has our terminal, our signals and our end", async () => {
  const launch = pathToFileURL(join(ROOT, "scripts/launch.mjs")).href;
  const runAs = (body: string) =>
    spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { runAs } from "${launch}"; await runAs(process.execPath, ["-e", ${JSON.stringify(body)}]);`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
  expect(await once(runAs("process.exit(5)"), "exit")).toEqual([5, null]);
  expect(await once(runAs('process.kill(process.pid, "SIGKILL")'), "exit")).toEqual([null, "SIGKILL"]);
  const waiting = runAs('process.on("SIGHUP", () => process.exit(3)); setInterval(() => {}, 1000); console.log("up")');
  await once(createInterface(waiting.stdout), "line");
  const ended = once(waiting, "exit");
  waiting.kill("SIGHUP");
  expect(await ended).toEqual([3, null]);
});
