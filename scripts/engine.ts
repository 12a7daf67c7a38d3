/**
 * Makes sure of a container engine: one that answers, else, as root on Debian or Ubuntu, one that is installed and started
 * here. What was started here can be stopped again; an engine that was found is never touched.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import Docker from "dockerode";
import { exitOf } from "./launch.mjs";
import { step } from "./progress.mjs";

export interface Engine {
  readonly kind: "found" | "started";
  readonly client: Docker;
  readonly version: string;
  /** Stops the engine where it was started here, and leaves it alone where it was found. */
  stop(): Promise<void>;
  /** Lets it run on when this process ends. */
  leave(): void;
}

export interface NoEngine {
  readonly kind: "none";
  /** Why there is none, and what to do, in sentences. */
  readonly reason: string;
}

const ANSWER_TIMEOUT_MS = 5000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** The engine at DOCKER_HOST or at the default socket; started here if need be and allowed. */
export async function ensureEngine(): Promise<Engine | NoEngine> {
  const answer = await ask();
  if (answer.kind === "version") {
    return {
      kind: "found",
      client: new Docker(),
      version: answer.version,
      stop: () => Promise.resolve(),
      leave: () => undefined,
    };
  }
  const why = `No container engine answers (${answer.reason}).`;
  const obstacle = whyNotHere();
  if (obstacle !== undefined) return { kind: "none", reason: `${why} ${obstacle}` };
  console.log(why);
  try {
    if (!isInstalled("dockerd") || !isInstalled("iptables")) await install();
    return await step("starting dockerd", start);
  } catch (error) {
    return { kind: "none", reason: `${why} ${error instanceof Error ? error.message : String(error)}` };
  }
}

type Answer =
  { readonly kind: "version"; readonly version: string } | { readonly kind: "silence"; readonly reason: string };

async function ask(): Promise<Answer> {
  try {
    const { Version } = await new Docker({ timeout: ANSWER_TIMEOUT_MS }).version();
    return { kind: "version", version: Version };
  } catch (error) {
    return { kind: "silence", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What keeps us from starting an engine on this machine, with the remedy; undefined when nothing does. */
function whyNotHere(): string | undefined {
  const host = process.env["DOCKER_HOST"];
  if (host !== undefined && host !== "") return `DOCKER_HOST is ${host}: start the engine there, or unset it.`;
  const remedy = "Install Docker (or Podman, with DOCKER_HOST naming its socket) and start it";
  if (process.platform !== "linux") return `${remedy}.`;
  if (process.getuid?.() !== 0)
    return `${remedy}, add yourself to the group docker, or run this as root on Debian or Ubuntu.`;
  const running = runningDockerd();
  if (running !== undefined) return `dockerd runs (process ${running}) but does not answer at its socket: restart it.`;
  if (isInstalled("dockerd") || isDebian()) return undefined;
  return `${remedy}; only on Debian and Ubuntu is this done for you.`;
}

/** The process id of a dockerd that runs on the default data root, where a second one could not start. */
function runningDockerd(): string | undefined {
  if (!existsSync("/var/run/docker.pid")) return undefined;
  const pid = readFileSync("/var/run/docker.pid", "utf8").trim();
  const command = join("/proc", pid, "comm");
  return existsSync(command) && readFileSync(command, "utf8").trim() === "dockerd" ? pid : undefined;
}

function isDebian(): boolean {
  if (!existsSync("/etc/os-release")) return false;
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

async function install(): Promise<void> {
  console.log("This is root on Debian or Ubuntu: installing docker.io.");
  await step("apt-get update", () => apt(["update"]));
  await step("apt-get install docker.io", () =>
    apt(["install", "-y", "--no-install-recommends", "docker.io", "iptables"]),
  );
}

async function apt(args: readonly string[]): Promise<void> {
  const child = spawn("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    // With this run level no service is started by its package: the engine would be nobody's to stop.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await exitOf(child);
  if (code !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${lastLines(output, 10)}`);
}

/** Runs dockerd in a process group of its own, so that a Ctrl-C at the terminal does not reach it before its containers. */
async function start(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "birdman-engine-"));
  const log = join(folder, "dockerd.log");
  const output = openSync(log, "w");
  const dockerd = spawn("dockerd", [], { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const stop = async (): Promise<void> => {
    await end(dockerd);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (answer.kind === "version") {
      const leave = (): void => dockerd.unref();
      return { kind: "started", client: new Docker(), version: answer.version, stop, leave };
    }
    const ended = dockerd.exitCode !== null || dockerd.signalCode !== null;
    if (ended || Date.now() > deadline) {
      const reason = complaints(readFileSync(log, "utf8"));
      await stop();
      throw new Error(
        `dockerd ${ended ? "ended" : "did not answer in time"} (in a container it needs a privileged one):\n${reason}`,
      );
    }
    await wait(100);
  }
}

/** Ends dockerd, which ends its containers and its containerd first. */
async function end(dockerd: ChildProcess): Promise<void> {
  if (dockerd.exitCode !== null || dockerd.signalCode !== null) return;
  const ended = exitOf(dockerd);
  dockerd.kill("SIGTERM");
  const timer = setTimeout(() => dockerd.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** What the log says of the failure; its last lines where nothing stands out. */
function complaints(log: string): string {
  const lines = log.split("\n").filter((line) => /level=(error|fatal)|^failed/.test(line));
  return lastLines(lines.length > 0 ? lines.join("\n") : log, 3);
}

function lastLines(text: string, count: number): string {
  return text.trim().split("\n").slice(-count).join("\n");
}
