/**
 * The worker's end of its guard: a process of its own, there while tasks run that must not run twice, which ends them
 * when their lease is over, whatever has become of the worker.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Log } from "../utils/log.ts";
import type { GuardOrder } from "./core/events.ts";
import { writeOrders, type GuardFile } from "./guard-orders.ts";

export interface GuardOptions {
  /** Program and arguments; the data directory and the guard's id follow. */
  readonly command: readonly string[];
  /** The worker's data directory. */
  readonly directory: string;
  readonly facts: Pick<GuardFile, "bootId" | "workerId" | "runtimes">;
  readonly log: Log;
}

/** A guard that ends though it is needed is started again after this, and an order that was not written, written. */
const RETRY_MS = 1000;

export class GuardClient {
  readonly #options: GuardOptions;
  readonly #id = randomUUID();
  #guard: ChildProcess | undefined;
  #isNeeded = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * To be called before anything is started that the order speaks of. While it cannot be written (the disk is full), the
   * guard goes by the order before, whose deadline is the earlier one, and this one is tried again.
   */
  tell(order: GuardOrder): void {
    clearTimeout(this.#retry);
    const { directory, facts, log } = this.#options;
    try {
      mkdirSync(directory, { recursive: true });
      writeOrders(directory, { ...facts, ...order, guard: this.#id });
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "the guard cannot be told the lease");
      this.#retry = setTimeout(() => this.tell(order), RETRY_MS).unref();
    }
    this.#isNeeded = order.runs.length > 0;
    if (this.#isNeeded && this.#guard === undefined) this.#start();
  }

  /** Lets the guard go: it goes on without this worker. */
  close(): void {
    clearTimeout(this.#retry);
    this.#isNeeded = false;
  }

  #start(): void {
    const { command, directory, log } = this.#options;
    const [program = "", ...args] = command;
    const guard = spawn(program, [...args, directory, this.#id], { detached: true, stdio: "ignore" });
    this.#guard = guard;
    guard.unref();
    guard.on("error", (error) => log.warn({ error: error.message }, "the guard could not be started"));
    guard.on("close", () => {
      this.#guard = undefined;
      if (!this.#isNeeded) return;
      log.warn({}, "the guard has ended; starting another one");
      setTimeout(() => {
        if (this.#isNeeded && this.#guard === undefined) this.#start();
      }, RETRY_MS).unref();
    });
  }
}
