/**
 * Which instances this worker has, and how they end. It keeps nothing that the disk does not have: what is in memory (who
 * runs, for measuring) is read again when it opens.
 *
 * Ends are told by the watch on the exits. Only a shim that was killed tells none; so it is looked after now and then, and
 * while somebody waits.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Exit, type Instance, type InstanceRef, type RuntimeNotice } from "../runtime.ts";
import { ExitWatch } from "./exit-watch.ts";
import { writeJson, type InstanceFiles } from "./instance-files.ts";
import { readBootId } from "../../../stats/boot-clock.ts";
import type { Identity } from "./procfs.ts";
import { killInstance } from "./session.ts";
import { standingOf, type Standing } from "./standing.ts";
import type { Measured } from "./use-meter.ts";

/** Of an instance that ended while nobody was there to see how. */
export const UNKNOWN_EXIT_CODE = 255;

const SWEEP_MS = 5000;
const LOOK_MS = 250;
const STARTING_LOOK_MS = 20;
const STARTING_PATIENCE_MS = 20_000;
/** How long a shim may take to say how a command ended. */
const SHIM_PATIENCE_MS = 5000;
const KILLED_EXIT_CODE = 128 + 9;

/** Where an instance stands when nothing is under way, and nothing unknown. */
export type SettledStanding = Exclude<Standing, { kind: "starting" | "lost" | "abandoned" }>;

export class Register {
  readonly #files: InstanceFiles;
  readonly #exits: ExitWatch;
  readonly #listeners = new Set<(notice: RuntimeNotice) => void>();
  readonly #running = new Map<string, Measured & { readonly ref: InstanceRef }>();
  #bootId = "";
  #sweeper: NodeJS.Timeout | undefined;

  constructor(files: InstanceFiles) {
    this.#files = files;
    this.#exits = new ExitWatch(files, (name, exit) => this.#noteExit(name, exit));
  }

  /** What runs, by name. */
  get running(): ReadonlyMap<string, Measured> {
    return this.#running;
  }

  /** Watches from here on, and takes note of what is there from before. Does nothing when it is open. */
  open(): void {
    if (this.#sweeper !== undefined) return;
    this.#bootId = readBootId();
    this.#files.create();
    this.#exits.open((error) => this.notify({ kind: "uncertain", reason: `cannot watch for ends: ${error.message}` }));
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
    for (const name of this.#names()) {
      // The remains of a start or a removal that was cut short.
      if (this.#files.readRecord(name) === undefined) this.discard(name);
      else this.noteStarted(name);
    }
    for (const name of readdirSync(this.#files.exits)) if (!this.isKnown(name)) this.discard(name);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#exits.close();
    this.#listeners.clear();
    this.#running.clear();
  }

  listen(listener: (notice: RuntimeNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(notice: RuntimeNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  isKnown(name: string): boolean {
    return existsSync(this.#files.directory(name));
  }

  async list(): Promise<Instance[]> {
    const instances: Instance[] = [];
    for (const name of this.#names()) {
      const record = this.#files.readRecord(name);
      if (record === undefined) continue;
      const standing = await this.#seen(name);
      const custody = this.#files.readCustody(name);
      instances.push({
        ref: record.ref,
        containerId: custody?.leader === undefined ? "" : String(custody.leader.pid),
        ports: record.ports,
        label: record.label,
        startedAt: custody?.startedAt,
        exit: standing.kind === "ended" ? standing.exit : undefined,
        running: standing.kind === "running" || standing.kind === "ending",
        paused: false,
      });
    }
    return instances;
  }

  standing(name: string): Standing {
    return standingOf(this.#files, this.#bootId, name);
  }

  /** Where it stands once that is certain. Rejects when a shim that began to start it says nothing within 20 s. */
  async settled(name: string): Promise<SettledStanding> {
    const deadline = performance.now() + STARTING_PATIENCE_MS;
    for (;;) {
      const standing = await this.#seen(name);
      if (standing.kind === "abandoned") await this.#giveUpClaim(name);
      else if (standing.kind !== "starting") return standing;
      else if (performance.now() > deadline) throw new Error(`the shim that is to start ${name} does not answer`);
      else await delay(STARTING_LOOK_MS);
    }
  }

  /** How it ends, if that is within the time; undefined if not. */
  async ended(name: string, timeoutMs: number): Promise<Exit | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const left = deadline - performance.now();
      const exit = await this.#exits.waitFor(name, Math.max(0, Math.min(left, LOOK_MS)));
      if (exit !== undefined) return exit;
      const standing = await this.#seen(name);
      if (standing.kind === "ended") return standing.exit;
      if (left <= 0) return undefined;
    }
  }

  /** Kills all of it and resolves once nothing is left. Rejects when the system does not end it within 5 s. */
  async kill(name: string, leader: Identity): Promise<Exit> {
    const isGone = await killInstance(name, leader);
    if (!isGone)
      throw new Error(`${name} does not end: a process of it hangs in the kernel, or may not be killed by this user`);
    return (await this.ended(name, SHIM_PATIENCE_MS)) ?? this.#writeExit(name, KILLED_EXIT_CODE);
  }

  /** Removes the files of an instance that does not run. */
  discard(name: string): void {
    rmSync(this.#files.directory(name), { recursive: true, force: true });
    rmSync(this.#files.exit(name), { force: true });
    this.#running.delete(name);
  }

  noteStarted(name: string): void {
    const record = this.#files.readRecord(name);
    const standing = this.standing(name);
    if (record === undefined || standing.kind !== "running") return;
    this.#running.set(name, { ref: record.ref, leader: standing.leader, startedAt: standing.startedAt });
  }

  /** Tells once more how it ended, if it has. */
  retell(name: string): void {
    this.#exits.look(name);
  }

  /** Finds the ends that nobody told. */
  sweep(): void {
    const look = async () => {
      for (const name of this.#running.keys()) if ((await this.#seen(name)).kind === "ended") this.retell(name);
    };
    look().catch((error: unknown) => {
      this.notify({ kind: "uncertain", reason: `cannot look after processes: ${String(error)}` });
    });
  }

  #names(): string[] {
    return readdirSync(this.#files.instances);
  }

  /** Where it stands; what was lost has then ended, with an exit code that says that it is not known. */
  async #seen(name: string): Promise<Exclude<Standing, { kind: "lost" }>> {
    const standing = this.standing(name);
    if (standing.kind !== "lost") return standing;
    await killInstance(name, standing.leader);
    return { kind: "ended", exit: this.#writeExit(name, UNKNOWN_EXIT_CODE) };
  }

  /** A shim was killed just as it started it: what may run already is ended, so that it can be started anew. */
  async #giveUpClaim(name: string): Promise<void> {
    await killInstance(name, undefined);
    rmSync(this.#files.custody(name), { force: true });
  }

  /** In place of a shim that cannot. */
  #writeExit(name: string, exitCode: number): Exit {
    const exit = { exitCode, oomKilled: false, finishedAt: Date.now() };
    writeJson(this.#files.exit(name), exit);
    return exit;
  }

  #noteExit(name: string, exit: Exit): void {
    const ref = this.#running.get(name)?.ref ?? this.#files.readRecord(name)?.ref;
    this.#running.delete(name);
    if (ref !== undefined) this.notify({ kind: "exited", ref, exit });
  }
}
