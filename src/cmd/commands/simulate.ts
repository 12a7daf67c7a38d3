/** Simulated clusters: full of faults around the real cores, or full of tasks around the real scheduler. */
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, option, type DisplayOptions } from "../options.ts";
import { MEASURES_HELP } from "../simulate/comparison.ts";
import { addFaultOptions, FAULT_FLAGS, simulateFaults, type FaultOptions } from "../simulate/faults.ts";
import {
  addPlacementOptions,
  PLACEMENT_FLAGS,
  simulatePlacement,
  type PlacementOptions,
} from "../simulate/placement.ts";
import { parseCount } from "../values.ts";

type SimulateOptions = FaultOptions & PlacementOptions & DisplayOptions;

export function configure(command: Command, context: Context): void {
  command.addOption(
    option("--seed <seed>", "faults: this one alone; placement: what chance is drawn from (default: 1)", parseCount),
  );
  addPlacementOptions(addFaultOptions(command))
    .addHelpText("after", MEASURES_HELP)
    .addHelpText(
      "after",
      examples([
        ["birdman simulate --seeds 5000", "look for a violation in five thousand clusters"],
        ["birdman simulate --seed 42 --trace", "tell what happened in one of them"],
        [
          "birdman simulate --nodes 1000 --tasks 100000 --scheduler epvm,greedy,binpack --report report.html",
          "compare three algorithms on a cluster of a thousand nodes",
        ],
        ["birdman simulate --workload tasks.jsonl --nodes 20 -o json", "place the tasks of a file on twenty nodes"],
        ["birdman simulate --preset epvm-paper --seed 7", "the cluster that E-PVM was made for"],
      ]),
    )
    .action(async (options: SimulateOptions) => {
      const placement = firstGiven(PLACEMENT_FLAGS, options);
      if (placement === undefined) {
        simulateFaults(context, options);
        return;
      }
      const fault = firstGiven(FAULT_FLAGS, options);
      if (fault !== undefined)
        throw new UsageError(`${placement} is about placement and ${fault} about faults: give one`);
      await simulatePlacement(context, options);
    });
  addDisplayOptions(command);
}

/** The first of the flags (by attribute) that has a value. */
function firstGiven<Options extends object>(
  flags: Readonly<Partial<Record<keyof Options & string, string>>>,
  options: Options,
): string | undefined {
  const values = new Map<string, unknown>(Object.entries(options));
  return Object.entries<string | undefined>(flags).find(([name]) => values.get(name) !== undefined)?.[1];
}
