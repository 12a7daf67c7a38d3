/**
 * Notices instances' ends by a watch on the directory where their exits appear; nothing is polled. Events of a watch can
 * be lost in a flood, so whoever waits also looks for itself when it begins and when its time is up.
 */
import { watch, type FSWatcher } from "node:fs";
import type { Exit } from "../runtime.ts";
import { UNFINISHED, type InstanceFiles } from "./instance-files.ts";

export class ExitWatch {
  readonly #files: InstanceFiles;
  readonly #onExit: (name: string, exit: Exit) => void;
  readonly #waiting = new Map<string, Set<(exit: Exit) => void>>();
  #watcher: FSWatcher | undefined;

  constructor(files: InstanceFiles, onExit: (name: string, exit: Exit) => void) {
    this.#files = files;
    this.#onExit = onExit;
  }

  /** Nothing is missed from here on. `onError`: the watch broke. */
  open(onError: (error: Error) => void): void {
    this.#watcher ??= watch(this.#files.exits, { persistent: false }, (_event, name) => {
      if (name !== null && !name.endsWith(UNFINISHED)) this.look(name);
    }).on("error", onError);
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Tells everybody of the exit, if it is there. */
  look(name: string): void {
    const exit = this.#files.readExit(name);
    if (exit === undefined) return;
    for (const resolve of this.#waiting.get(name) ?? []) resolve(exit);
    this.#onExit(name, exit);
  }

  /** The exit, as soon as it is there; undefined when it is not there in time. */
  async waitFor(name: string, timeoutMs: number): Promise<Exit | undefined> {
    const known = this.#files.readExit(name);
    if (known !== undefined) return known;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const done = (exit: Exit | undefined) => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(name);
        resolve(exit ?? this.#files.readExit(name));
      };
      const timer = setTimeout(() => done(undefined), timeoutMs);
      waiting.add(done);
    });
  }
}
