import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Algorithm } from "../../scheduler/algorithm.ts";
import { customAlgorithm } from "../../scheduler/custom.ts";
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
      return loadModule(choice.path);
  }
}

async function loadModule(path: string): Promise<Algorithm> {
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new UsageError(`--scheduler: cannot load ${path}: ${messageOf(error)}`);
  }
  const custom = customAlgorithm(loaded, path);
  if (custom.kind === "unusable") throw new UsageError(`--scheduler: ${custom.message}`);
  return custom.algorithm;
}
