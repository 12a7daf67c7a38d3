import type { TaskId } from "../../task/id.ts";

/** The live tasks by name. Most names are borne by one task, which then costs no set of its own. */
export class NameIndex {
  readonly #ids = new Map<string, TaskId | Set<TaskId>>();

  add(name: string, id: TaskId): void {
    const known = this.#ids.get(name);
    if (known === undefined) this.#ids.set(name, id);
    else if (typeof known === "string") this.#ids.set(name, new Set([known, id]));
    else known.add(id);
  }

  delete(name: string, id: TaskId): void {
    const known = this.#ids.get(name);
    if (known === id) this.#ids.delete(name);
    else if (typeof known === "object" && known.delete(id) && known.size === 0) this.#ids.delete(name);
  }

  of(name: string): Iterable<TaskId> {
    const known = this.#ids.get(name);
    if (known === undefined) return [];
    return typeof known === "string" ? [known] : known;
  }
}
