/**
 * The first thing that runs in the single executable file: it puts the program's files, which the executable carries, into
 * a folder of the user's, once for each version, and goes on there. The native addon, the web pages and the parts that run
 * as processes of their own need to be files, so all are.
 *
 * Those processes are started as Node would start them, by the path of their file: `birdman /…/guard.js ARGUMENTS…`.
 */
import { lstatSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, enableCompileCache } from "node:module";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { getAsset, getAssetKeys, getRawAsset } from "node:sea";
import { pathToFileURL } from "node:url";

/** Entries that are started by path. A program that was replaced while it ran starts those of its old folder. */
const PARTS = new Set(["guard.js", "process-shim.js"]);
/** The asset that names the folder: version and digest of all files. */
const NAME_ASSET = "name";

/** One of the files: an import as modules have it, since the main script of an executable imports nothing but what is built in. */
const IMPORTER = "import.cjs";

function start(): void {
  const [, , first = ""] = process.argv;
  if (isAbsolute(first) && PARTS.has(basename(first))) {
    process.argv.splice(1, 1);
    run(first);
    return;
  }
  const folder = unpack();
  enableCompileCache(join(folder, "compiled"));
  run(join(folder, "birdman.js"));
}

function run(file: string): void {
  const load = createRequire(file)(`./${IMPORTER}`) as (url: string) => Promise<unknown>;
  void load(pathToFileURL(file).href);
}

/** The folder with all files in it. What is there is left as it is, so that several can start at once. */
function unpack(): string {
  const folder = join(ownFolder(), getAsset(NAME_ASSET, "utf8"));
  for (const name of getAssetKeys()) {
    if (name === NAME_ASSET) continue;
    const content = new Uint8Array(getRawAsset(name));
    const file = join(folder, name);
    if (statSync(file, { throwIfNoEntry: false })?.size === content.length) continue;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const unfinished = `${file}.${String(process.pid)}.new`;
    writeFileSync(unfinished, content, { mode: 0o600 });
    renameSync(unfinished, file);
  }
  return folder;
}

/** Nobody else may write there: what lies there is run. */
function ownFolder(): string {
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) {
    throw new Error(`${folder} belongs to somebody else, or others may write there`);
  }
  return folder;
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME = "", HOME = "" } = process.env;
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "birdman");
  if (process.geteuid?.() === 0) return "/var/cache/birdman";
  const home = isAbsolute(HOME) ? HOME : homedir();
  return home === "/" ? join(tmpdir(), `birdman-${String(process.geteuid?.())}`) : join(home, ".cache", "birdman");
}

try {
  start();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `birdman: cannot unpack its files (${reason}); set XDG_CACHE_HOME to a folder of this user's that can be written\n`,
  );
  process.exitCode = 1;
}
