/**
 * Starts a program of this checkout under Node 24. Plain JavaScript that Node 20 runs, and loads nothing that it does not
 * need: it stands before every `birdman` command.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const OWN_NODE = fileURLToPath(new URL("node_modules/.bin/node", ROOT));

/** Oldest major version of Node that runs the sources as they are. */
const NODE_MAJOR = 24;

/**
 * The Node that runs Birdman: this process's own where it is new enough, else the one that the set-up installed,
 * undefined where there is neither.
 *
 * @returns {string | undefined}
 */
export function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return process.execPath;
  return existsSync(OWN_NODE) ? OWN_NODE : undefined;
}

/**
 * Runs a program in place of this one: in this process where its Node is new enough, else in a child.
 *
 * @param {string} program path of its file in the checkout
 * @returns {Promise<void>}
 */
export async function launch(program) {
  const node = findNode();
  if (!existsSync(new URL(program, ROOT))) return launchBundle();
  if (node === undefined || !existsSync(new URL("node_modules/.package-lock.json", ROOT))) {
    console.error(`birdman: this checkout is not set up; run: cd ${fileURLToPath(ROOT)} && npm run setup`);
    process.exitCode = 1;
    return;
  }
  if (node !== process.execPath) return runAs(node, process.argv.slice(1));
  // Half of a short command's time would go into reading the sources again.
  module.enableCompileCache(fileURLToPath(new URL("node_modules/.cache/birdman", ROOT)));
  await import(new URL(program, ROOT).href);
}

/** What users install has no sources, but what `npm run build` made of them. */
async function launchBundle() {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
    console.error(`birdman: needs Node ${NODE_MAJOR} or newer; this is ${process.versions.node}`);
    process.exitCode = 1;
    return;
  }
  await import(new URL("dist/birdman.js", ROOT).href);
}

/**
 * Runs a command in a child as if it were this process: same terminal, signals passed on, same end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export async function runAs(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    // What is typed at a terminal reaches the child without us.
    if (signal === "SIGINT" && isatty(0)) return;
    child.kill(signal);
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);
  for (const signal of signals) process.on(signal, passOn);
  const code = await exitOf(child);
  for (const name of signals) process.off(name, passOn);
  if (code !== null) process.exitCode = code;
  else if (child.signalCode !== null) process.kill(process.pid, child.signalCode);
}

/**
 * The child's exit code once it has ended and its output is read; null when a signal ended it. Rejects when it could not be
 * started.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<number | null>}
 */
export function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
}
