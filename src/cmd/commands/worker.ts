import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addConnectionOptions, ListOption, option } from "../options.ts";
import {
  addAccessOptions,
  addListenOptions,
  addLogOptions,
  addRuntimeOption,
  DEFAULT_IMAGE_SETTINGS,
  type WorkerOptions,
} from "../server-options.ts";
import {
  parseBytes,
  parseCores,
  parseMilliseconds,
  parseNodeName,
  parsePair,
  parsePath,
  parsePortRange,
  parseShare,
} from "../values.ts";

const DEFAULT_PORT = 8081;

export function configure(command: Command, context: Context): void {
  command.addOption(option("--name <name>", "the node's name (default: the host's)", parseNodeName));
  addConnectionOptions(command);
  addListenOptions(command, DEFAULT_PORT);
  const node = "Node:";
  const flags = [
    new ListOption("--label <key=value>", "a label, for constraints", parsePair),
    option("--cpu <cores>", "cores to offer (default: all)", parseCores),
    option("--memory <size>", "memory to offer (default: all)", parseBytes),
    option("--disk <size>", "disk to offer (default: all of the data directory's)", parseBytes),
    option(
      "--data-dir <directory>",
      "its directory (default: below /var/lib/birdman for root, else ~/.local/share/birdman)",
    ),
    new ListOption(
      "--allow-path <directory>",
      "a path of this machine that tasks may mount, with all below it",
      parsePath,
    ),
    option("--port-range <first-last>", "the ports to publish on", parsePortRange).default(
      { first: 20_000, last: 32_000 },
      "20000-32000",
    ),
    option("--advertise <address>", "the address by which others reach this machine and its tasks"),
    option(
      "--publish-address <address>",
      "the address to publish ports on (default: the advertised one, else 127.0.0.1)",
    ),
    option(
      "--image-keep <time>",
      "how long an image that it pulled is kept after its last use",
      parseMilliseconds,
    ).default(DEFAULT_IMAGE_SETTINGS.keepMs, "7d"),
    option(
      "--disk-high <share>",
      "of the container engine's disk: above it, unused images are removed sooner",
      parseShare,
    ).default(DEFAULT_IMAGE_SETTINGS.diskHigh, "85%"),
    option("--disk-low <share>", "and until less than this is in use", parseShare).default(
      DEFAULT_IMAGE_SETTINGS.diskLow,
      "80%",
    ),
    option("--claim <id>", "take over from a worker whose data directory was lost, by its id"),
  ];
  addRuntimeOption(command, node);
  for (const flag of flags) command.addOption(flag.helpGroup(node));
  addAccessOptions(command);
  addLogOptions(command)
    .addHelpText(
      "after",
      examples([
        ["birdman worker --name worker1", "joins the manager on this machine"],
        [
          "birdman worker --manager https://10.0.0.1:8080 --ca-cert ca.pem --token … --advertise 10.0.0.2",
          "joins one elsewhere",
        ],
        ["birdman worker --label disk=ssd --cpu 2 --memory 4GiB", "offers a part of the machine"],
        ["birdman worker --runtime docker,process --port 8082", "a second one here, which runs plain processes too"],
      ]),
    )
    .action(async (options: WorkerOptions) => {
      const { runWorker } = await import("../servers/run-worker.ts");
      await runWorker(options, context);
    });
}
