import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import {
  addAccessOptions,
  addListenOptions,
  addLivenessOptions,
  addLogOptions,
  addRetentionOptions,
  addSchedulingOptions,
  addStoreOptions,
  type ManagerOptions,
} from "../server-options.ts";

const DEFAULT_PORT = 8080;

export function configure(command: Command, context: Context): void {
  addListenOptions(command, DEFAULT_PORT);
  addStoreOptions(command, "persistent");
  addRetentionOptions(command);
  addSchedulingOptions(command);
  addLivenessOptions(command);
  addAccessOptions(command);
  addLogOptions(command)
    .addHelpText(
      "after",
      examples([
        ["birdman manager", "on loopback, with its tasks on disk"],
        ["birdman manager --scheduler greedy --store memory --port 9000", "another algorithm, and nothing kept"],
        [
          "birdman manager --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --token-file tokens",
          "for workers on other machines",
        ],
      ]),
    )
    .action(async (options: ManagerOptions) => {
      const { runManager } = await import("../servers/run-manager.ts");
      await runManager(options, context);
    });
}
