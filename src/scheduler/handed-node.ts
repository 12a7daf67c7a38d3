/** What a user's function is handed when it is checked: like what a manager hands it, and told apart from what it was. */
import type { RuntimeKind } from "../task/document.ts";
import type { Resources } from "../task/spec.ts";
import type { ShownNode } from "./custom.ts";
import type { Question } from "./drawn-clusters.ts";

/** A node as the manager hands it out: what it shows is read from it, and cannot be set. */
export class HandedNode implements ShownNode {
  readonly #node: ShownNode;

  constructor({ name, labels, runtimes, position, capacity, reserved, use, tasks, taskNames, taskLabels }: ShownNode) {
    this.#node = {
      name,
      labels: { ...labels },
      runtimes: [...runtimes],
      position,
      capacity: { ...capacity },
      reserved: { ...reserved },
      use: { ...use },
      tasks,
      taskNames: new Map(taskNames),
      taskLabels: new Map(taskLabels),
    };
  }

  get name(): string {
    return this.#node.name;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node.labels;
  }

  get runtimes(): readonly RuntimeKind[] {
    return this.#node.runtimes;
  }

  get position(): number {
    return this.#node.position;
  }

  get capacity(): Resources {
    return this.#node.capacity;
  }

  get reserved(): Resources {
    return this.#node.reserved;
  }

  get use(): Resources {
    return this.#node.use;
  }

  get tasks(): number {
    return this.#node.tasks;
  }

  get taskNames(): ReadonlyMap<string, number> {
    return this.#node.taskNames;
  }

  get taskLabels(): ReadonlyMap<string, number> {
    return this.#node.taskLabels;
  }
}

/** Everything that can be read from them, also what somebody has added. */
export function fingerprint({ task, node, cluster }: Omit<Question, "fits">): string {
  const { labels, runtimes, capacity, reserved, use, taskNames, taskLabels } = node;
  const said = [labels, runtimes, capacity, reserved, use, [...taskNames], [...taskLabels]];
  return JSON.stringify([task, cluster, Object.keys(node), said]);
}
