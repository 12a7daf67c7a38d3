import { InvalidArgumentError, type Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { option } from "../options.ts";
import { addLogOptions, addRuntimeOption, addSchedulingOptions, STORES, type DevOptions } from "../server-options.ts";
import { parseCount, parsePort } from "../values.ts";

const MOST_WORKERS = 100;

export function configure(command: Command, context: Context): void {
  command
    .addOption(option("--workers <count>", "how many, each with its share of the machine", parseWorkers).default(1))
    .addOption(option("--port <port>", "the manager's port, 0 for any that is free", parsePort).default(8080))
    .addOption(
      option("--worker-port <port>", "the first worker's port; the others have the next ones", parsePort).default(8081),
    )
    .addOption(
      option("--store <store>", "where tasks are kept (default: memory; persistent with --data-dir)").choices(STORES),
    )
    .addOption(
      option("--data-dir <directory>", "keep everything here; without it, all is gone at the end, the tasks too"),
    );
  addRuntimeOption(command, "Options:");
  addSchedulingOptions(command);
  addLogOptions(command)
    .addHelpText(
      "after",
      examples([
        ["birdman dev", "a manager and a worker; Ctrl-C ends them and their tasks"],
        ["birdman dev --workers 3 --scheduler roundrobin", "three workers, each with a third of the machine"],
        ["birdman dev --runtime process", "without a container engine"],
        ["birdman dev --data-dir ./data", "tasks run on when it ends, and are found again"],
      ]),
    )
    .action(async (options: DevOptions) => {
      const { runDev } = await import("../servers/run-dev.ts");
      await runDev(options, context);
    });
}

function parseWorkers(text: string): number {
  const count = parseCount(text);
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new InvalidArgumentError(`It must be a number from 1 to ${String(MOST_WORKERS)}.`);
}
