/**
 * Makes the single executable file: this Node, and in it the bundle with everything that it needs, as a "single executable
 * application" of Node's. It runs where neither Node nor npm is, on the system and architecture that it was made on.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { build as buildPages } from "vite";
import packageFile from "../../package.json" with { type: "json" };
import bundleConfig from "../../rolldown.config.ts";
import { addElfNote } from "./elf-note.ts";
import { NODE_FLAGS } from "./node-flags.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BOOTSTRAP = fileURLToPath(new URL("bootstrap.ts", import.meta.url));

/** Where Node looks for the application, and the text in it that says whether there is one. */
const NOTE_NAME = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** Writes the executable to `target`, whole or not at all. `work` is an empty folder for what it is made of. */
export async function buildExecutable(target: string, work: string): Promise<void> {
  const files = join(work, "files");
  await buildFiles(files);
  const blob = await makeBlob(files, work);
  const program = fused(readFileSync(process.execPath));
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.new`;
  writeFileSync(unfinished, addElfNote(program, NOTE_NAME, blob));
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, target);
}

/** Writes all that the program consists of into a folder, where `node FOLDER/birdman.js` runs it; Node itself is not in it. */
export async function buildFiles(folder: string): Promise<void> {
  await bundle(folder);
  copyAddon(folder);
  await buildWeb(folder);
}

/** The program as `npm run build` makes it. */
async function bundle(folder: string): Promise<void> {
  const { output, ...input } = bundleConfig;
  if (Array.isArray(output)) throw new Error("rolldown.config.ts is expected to have one output");
  const build = await rolldown({ ...input, cwd: ROOT });
  await build.write({ ...output, dir: folder });
  await build.close();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  // See bootstrap.ts.
  writeFileSync(join(folder, "import.cjs"), "module.exports = (url) => import(url);\n");
}

/** The one package that is not in the bundle: its JavaScript and its binary for this machine. */
function copyAddon(folder: string): void {
  const from = join(ROOT, "node_modules/better-sqlite3");
  const to = join(folder, "node_modules/better-sqlite3");
  for (const part of ["package.json", "LICENSE", "lib", `prebuilds/linux-${process.arch}.node`]) {
    cpSync(join(from, part), join(to, part), { recursive: true });
  }
}

/** The dashboard, as `npm run build:web` makes it. */
async function buildWeb(folder: string): Promise<void> {
  const configFile = join(ROOT, "web/vite.config.ts");
  await buildPages({ configFile, logLevel: "warn", build: { outDir: join(folder, "web"), emptyOutDir: true } });
}

async function makeBlob(files: string, work: string): Promise<Uint8Array> {
  const assets: Record<string, string> = {};
  const hash = createHash("sha256");
  const entries = readdirSync(files, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of entries.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
    const name = relative(files, path);
    assets[name] = path;
    hash.update(`${name}\n`).update(readFileSync(path));
  }
  const nameFile = join(work, "name");
  writeFileSync(nameFile, `${packageFile.version}-${hash.digest("hex").slice(0, 12)}`);
  const main = join(work, "bootstrap.cjs");
  const build = await rolldown({ input: BOOTSTRAP, platform: "node" });
  await build.write({ file: main, format: "cjs" });
  await build.close();
  const blob = join(work, "application.blob");
  const config = join(work, "sea.json");
  writeFileSync(
    config,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      execArgv: NODE_FLAGS,
      assets: { ...assets, name: nameFile },
    }),
  );
  execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: "pipe" });
  return readFileSync(blob);
}

/** A copy of Node that looks for its application. */
function fused(node: Buffer): Buffer {
  const at = node.indexOf(`${FUSE}0`);
  if (at === -1) throw new Error(`${process.execPath} is no Node that can carry an application`);
  const copy = Buffer.from(node);
  copy.write("1", at + FUSE.length);
  return copy;
}
