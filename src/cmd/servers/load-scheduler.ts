import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Algorithm } from "../../scheduler/algorithm.ts";
import { customAlgorithm, type CustomAlgorithm } from "../../scheduler/custom.ts";
import { chooseScheduler, SCHEDULERS } from "../../scheduler/schedulers.ts";
import { UsageError, messageOf } from "../errors.ts";
import { didYouMean } from "../suggest.ts";

/** The algorithm that `--scheduler` names, or that the module it names exports. Rejects with a UsageError. */
export async function loadScheduler(name: string): Promise<Algorithm> {
  const choice = chooseScheduler(name);
  switch (choice.kind) {
    case "builtIn":
      return choice.algorithm;
    case "unknown":
      throw new UsageError(`--scheduler: ${choice.message}${didYouMean(name, [...SCHEDULERS.keys()])}`);
    case "module":
      return (await loadModule(choice.path, "--scheduler: ")).algorithm;
  }
}

type LoadedModule = Extract<CustomAlgorithm, { readonly kind: "algorithm" }>;

/**
 * The module at this path, checked. What follows the path as `?query` makes it a copy with a state of its own. Rejects
 * with a UsageError that begins with `origin`.
 */
export async function loadModule(path: string, origin = "", query = ""): Promise<LoadedModule> {
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href + query);
  } catch (error) {
    throw new UsageError(`${origin}cannot load ${path}: ${messageOf(error)}`);
  }
  const custom = customAlgorithm(loaded, path);
  if (custom.kind === "unusable") throw new UsageError(`${origin}${custom.message}`);
  return custom;
}
