/** Which methods an address answers to: what tells a wrong method (405) from a wrong address (404). */
export class RouteTable {
  readonly #routes: { readonly steps: readonly string[]; readonly methods: Set<string> }[] = [];

  /** `url` is a route's pattern, such as `/tasks/:id`. */
  add(url: string, methods: readonly string[]): void {
    const steps = stepsOf(url);
    const known = this.#routes.find((route) => route.steps.join("/") === steps.join("/"));
    if (known === undefined) this.#routes.push({ steps, methods: new Set(methods) });
    else for (const method of methods) known.methods.add(method);
  }

  /** Sorted; empty when there is nothing at this path. */
  methodsAt(path: string): readonly string[] {
    const steps = stepsOf(path);
    const matching = this.#routes.filter((route) => matches(route.steps, steps));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  }
}

function stepsOf(path: string): readonly string[] {
  return path.replace(/\/+$/, "").split("/");
}

function matches(pattern: readonly string[], steps: readonly string[]): boolean {
  if (pattern.length !== steps.length) return false;
  return pattern.every((step, index) => (step.startsWith(":") ? steps[index] !== "" : step === steps[index]));
}
