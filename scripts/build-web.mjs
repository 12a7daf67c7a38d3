/**
 * Builds the dashboard into dist/web, from where a manager serves it. Does nothing where it was built from the very same
 * files before. Plain JavaScript that Node 20 runs, since it is part of the set-up.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BUILT = join(ROOT, "dist/web");
/** What the dashboard is made of; of `src/`, what it may import. */
const SOURCES = [
  ...["web", "package-lock.json", "scripts/build-web.mjs"],
  ...["client", "api", "node", "task", "utils"].map((layer) => `src/${layer}`),
];
/** Holds the digest of the files that it was built from. */
const STAMP = join(BUILT, ".stamp");

/** True when the dashboard is built, and from what is there now. */
export function isWebBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === digestOfSources();
}

/** Resolves when it is built. It is made beside what is there, which a manager may be serving, and takes its place whole. */
export async function buildWeb() {
  const digest = digestOfSources();
  const { build } = await import("vite");
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  const made = mkdtempSync(join(ROOT, "dist/.web-"));
  const { NODE_ENV } = process.env;
  try {
    // In a test runner it would be another one, and React's development build would be what is served.
    process.env["NODE_ENV"] = "production";
    const outDir = join(made, "new");
    await build({
      configFile: join(ROOT, "web/vite.config.ts"),
      logLevel: "warn",
      build: { outDir, emptyOutDir: true },
    });
    writeFileSync(join(outDir, ".stamp"), digest);
    if (existsSync(BUILT)) renameSync(BUILT, join(made, "old"));
    renameSync(outDir, BUILT);
  } finally {
    if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = NODE_ENV;
    rmSync(made, { recursive: true, force: true });
  }
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
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv.includes("--force") || !isWebBuilt()) await buildWeb();
}
