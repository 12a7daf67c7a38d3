/**
 * Builds the dashboard into dist/web, from where a manager serves it. Does nothing where it was built from the very same
 * files before. Needs what `npm run setup` installs, and Node 24 or the one that is there, if Vite runs on it.
 *
 * Beside each file lie a gzip and a Brotli copy of it, so that nothing is compressed when it is asked for.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BUILT = join(ROOT, "dist/web");
/** What the dashboard is made of; of `src/`, what it may import. */
const SOURCES = [
  ...["web", "package-lock.json", "scripts/build-web.mjs"],
  ...["client", "api", "scheduler", "protocol", "node", "task", "utils"].map((layer) => `src/${layer}`),
];
const STAMP = join(BUILT, ".stamp");

/** True when the dashboard is built, and from what is there now. */
export function isWebBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === digestOfSources();
}

/** Resolves when it is built. */
export async function buildWeb() {
  const digest = digestOfSources();
  const { build } = await import("vite");
  await build({ configFile: join(ROOT, "web/vite.config.ts"), logLevel: "warn" });
  for (const file of filesIn(BUILT)) compress(file);
  writeFileSync(STAMP, digest);
}

/** @param {string} file */
function compress(file) {
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
}

function digestOfSources() {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const file of filesIn(join(ROOT, source))) {
      if (file.includes(".test.")) continue;
      hash.update(relative(ROOT, file)).update("\0").update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} path of a file, or of a folder with all that is in it
 * @returns {readonly string[]}
 */
function filesIn(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv.includes("--force") || !isWebBuilt()) await buildWeb();
}
