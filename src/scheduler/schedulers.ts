/** The schedulers that Birdman has, by name. */
import type { Algorithm } from "./algorithm.ts";
import { binpack } from "./binpack.ts";
import { epvm } from "./epvm.ts";
import { greedy } from "./greedy.ts";
import { roundrobin } from "./roundrobin.ts";
import { spread } from "./spread.ts";

export const SCHEDULERS: ReadonlyMap<string, Algorithm> = new Map(
  [roundrobin, greedy, epvm, binpack, spread].map((algorithm) => [algorithm.name, algorithm]),
);

export type SchedulerChoice =
  | { readonly kind: "builtIn"; readonly algorithm: Algorithm }
  /** A module of the user's, to be loaded and handed to `customAlgorithm`. */
  | { readonly kind: "module"; readonly path: string }
  | { readonly kind: "unknown"; readonly message: string };

/** What `--scheduler` means: a name, or the path of a module, which begins with `./`, `../` or `/` or ends in `.js`, `.mjs` or `.ts`. */
export function chooseScheduler(name: string): SchedulerChoice {
  const algorithm = SCHEDULERS.get(name);
  if (algorithm !== undefined) return { kind: "builtIn", algorithm };
  if (/^\.{0,2}\//.test(name) || /\.[cm]?[jt]s$/.test(name)) return { kind: "module", path: name };
  const names = [...SCHEDULERS.keys()].join(", ");
  return {
    kind: "unknown",
    message: `no scheduler "${name}": it is one of ${names}, or the path of a module of your own`,
  };
}
