/**
 * Makes a checkout ready: the dependencies as the lock file has them, among them Node 24, and the dashboard. Plain JavaScript
 * that Node 20 runs with nothing installed. Safe to repeat; does nothing where all is in its place.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isWebBuilt } from "./build-web.mjs";
import { exitOf, findNode } from "./launch.mjs";
import { step } from "./progress.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Something that the user has to see to; the message says what. */
export class SetupError extends Error {}

/**
 * Resolves to the path of the Node that runs Birdman here.
 *
 * @returns {Promise<string>}
 */
export async function setUp() {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new SetupError(`Node ${process.versions.node} is too old: install Node 20 or newer`);
  }
  if (!isInStep()) await step("installing the dependencies and Node 24", installDependencies);
  const node = findNode();
  if (node === undefined) {
    throw new SetupError(
      `there is no Node 24 package for ${process.platform} on ${process.arch}: install Node 24 or newer, then run this again`,
    );
  }
  try {
    execFileSync(node, ["--version"]);
  } catch (error) {
    throw new SetupError(`${node} does not run here (${String(error)}): remove node_modules, then run this again`);
  }
  if (!isWebBuilt()) await step("building the dashboard", () => buildDashboard(node));
  return node;
}

/**
 * True when node_modules holds what package-lock.json asks for. npm writes its own record there last, so an installation
 * that was cut short is noticed too.
 *
 * @param {string} root of the checkout
 */
export function isInStep(root = ROOT) {
  const wanted = packagesIn(join(root, "package-lock.json"));
  const present = packagesIn(join(root, "node_modules/.package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  const outOfStep = Object.entries(wanted).filter(([path, { version, optional, devOptional }]) => {
    const found = present[path];
    return found === undefined ? optional !== true && devOptional !== true : found.version !== version;
  });
  return outOfStep.every(([path]) => path === "") && Object.keys(present).every((path) => path in wanted);
}

/** @typedef {Record<string, { version: string; optional?: boolean; devOptional?: boolean }>} Packages */

/**
 * @param {string} lockFile
 * @returns {Packages | undefined}
 */
function packagesIn(lockFile) {
  try {
    const { packages } = /** @type {{ packages: Packages }} */ (JSON.parse(readFileSync(lockFile, "utf8")));
    return packages;
  } catch (error) {
    if (error instanceof SyntaxError || !existsSync(lockFile)) return undefined;
    throw error;
  }
}

/** @param {import("./progress.mjs").Report} report */
async function installDependencies({ say }) {
  const { npm_node_execpath: node, npm_execpath: npm, PATH = "", ...env } = process.env;
  // npm is about to replace the Node in node_modules: it must not run on that one.
  const path = PATH.split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));
  const [command, ...args] = node !== undefined && npm?.endsWith(".js") === true ? [node, npm] : ["npm"];
  const child = spawn(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    env: { ...env, PATH: path.join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  say("400 MB on disk");
  const code = await exitOf(child).catch((error) => {
    throw new SetupError(`npm cannot be started (${String(error)}): install npm, then run this again`);
  });
  if (code !== 0 || !isInStep()) throw new SetupError(`npm ci failed (exit code ${String(code)}):\n${output.trim()}`);
}

/** @param {string} node */
async function buildDashboard(node) {
  const script = fileURLToPath(new URL("build-web.mjs", import.meta.url));
  try {
    await promisify(execFile)(node, [script], { cwd: ROOT });
  } catch (error) {
    throw new SetupError(`the dashboard cannot be built (npm run build:web):\n${String(error)}`);
  }
}

/**
 * Runs a script's body, and turns a SetupError into its message alone.
 *
 * @param {() => Promise<void>} body
 */
export async function runScript(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await runScript(async () => {
    const node = await setUp();
    console.log(`ready: ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()} at ${node}`);
  });
}
