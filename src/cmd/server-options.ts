/** Flags that the servers share. */
import { InvalidArgumentError, type Command, type Option } from "commander";
import type { RuntimeKind } from "../task/document.ts";
import type { ImageSettings } from "../worker/runtimes/docker/image-collector.ts";
import { ListOption, option, type ConnectionOptions } from "./options.ts";
import { didYouMean } from "./suggest.ts";
import { parseCount, parseMilliseconds, parsePort, type Pair, type PortRange } from "./values.ts";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["text", "json"] as const;
export const COST_USES = ["measured", "reserved"] as const;
export const STORES = ["memory", "persistent"] as const;
export const RUNTIMES = ["docker", "process", "hollow"] as const satisfies readonly RuntimeKind[];

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

export interface AccessOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tokenFile?: string;
  readonly insecure?: boolean;
}

export interface LogOptions {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
}

export interface SchedulingOptions {
  readonly scheduler: string;
  readonly costUse: (typeof COST_USES)[number];
}

export interface StoreOptions {
  readonly store: (typeof STORES)[number];
  readonly dataDir?: string;
}

export interface RuntimeOptions {
  readonly runtime?: readonly (readonly RuntimeKind[])[];
}

/** Milliseconds, all of them. */
export interface LivenessOptions {
  readonly heartbeat: number;
  readonly lease: number;
  readonly unreachableAfter: number;
  readonly lostAfter: number;
  readonly leftAfter: number;
  readonly brakeAfter: number;
  readonly calm: number;
  readonly calmMost: number;
}

/** What is kept of what is over. */
export interface RetentionOptions {
  /** Milliseconds. */
  readonly keep: number;
  readonly keepTasks: number;
  readonly keepEvents: number;
}

export type ManagerOptions = ListenOptions &
  AccessOptions &
  StoreOptions &
  RetentionOptions &
  SchedulingOptions &
  LivenessOptions &
  LogOptions;

export const DEFAULT_IMAGE_SETTINGS: ImageSettings = { keepMs: 7 * 86_400_000, diskHigh: 0.85, diskLow: 0.8 };

export interface WorkerOptions extends ListenOptions, AccessOptions, LogOptions, ConnectionOptions, RuntimeOptions {
  readonly name?: string;
  readonly advertise?: string;
  readonly label?: readonly Pair[];
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly dataDir?: string;
  readonly allowPath?: readonly string[];
  readonly portRange: PortRange;
  readonly publishAddress?: string;
  readonly claim?: string;
  readonly imageKeep: number;
  readonly diskHigh: number;
  readonly diskLow: number;
}

export interface DevOptions extends RuntimeOptions, SchedulingOptions, LogOptions {
  readonly workers: number;
  readonly port: number;
  readonly workerPort: number;
  readonly store?: StoreOptions["store"];
  readonly dataDir?: string;
}

export function addListenOptions(command: Command, defaultPort: number): Command {
  const group = "Network:";
  return command
    .addOption(option("--host <address>", "the address to listen on").default("127.0.0.1").helpGroup(group))
    .addOption(
      option("--port <port>", "the port to listen on, 0 for any that is free", parsePort)
        .default(defaultPort)
        .helpGroup(group),
    );
}

export function addAccessOptions(command: Command): Command {
  const group = "Access (beyond loopback either TLS and tokens, or --insecure):";
  return command
    .addOption(option("--tls-cert <file>", "the certificate (PEM) to serve TLS with").helpGroup(group))
    .addOption(option("--tls-key <file>", "its key (PEM)").helpGroup(group))
    .addOption(
      option("--token-file <file>", "the tokens to accept; 'birdman token create' adds to it").helpGroup(group),
    )
    .addOption(
      option("--insecure", "listen beyond loopback without them: whoever reaches it controls it").helpGroup(group),
    );
}

export function addLogOptions(command: Command): Command {
  const group = "Log:";
  return command
    .addOption(
      option("--log-level <level>", "the least important to log").choices(LOG_LEVELS).default("info").helpGroup(group),
    )
    .addOption(
      option("--log-format <format>", "how to log, to stderr").choices(LOG_FORMATS).default("text").helpGroup(group),
    );
}

export function addSchedulingOptions(command: Command): Command {
  const group = "Scheduling:";
  return command
    .addOption(
      option(
        "--scheduler <name>",
        "roundrobin, greedy, epvm, binpack, spread, or a module of your own such as ./mine.js",
      )
        .default("epvm")
        .helpGroup(group),
    )
    .addOption(
      option("--cost-use <use>", "what counts as use in costs").choices(COST_USES).default("measured").helpGroup(group),
    );
}

export function addLivenessOptions(command: Command): Command {
  const group = "Nodes that are away:";
  const flags: readonly (readonly [flags: string, description: string, standard: string])[] = [
    ["--heartbeat <time>", "how often a worker is heard", "2s"],
    ["--lease <time>", "how long a worker without a manager runs what must not run twice (onDisconnect: stop)", "10s"],
    ["--unreachable-after <time>", "silence after which a node gets no new tasks", "6s"],
    ["--lost-after <time>", "silence after which its tasks are placed elsewhere", "15s"],
    ["--left-after <time>", "the same, of a worker that was shut down in good order", "5m"],
    ["--brake-after <time>", "the same, while most nodes are silent together", "60s"],
    ["--calm <time>", "how long a node that came back gets no new tasks, doubled each time", "5s"],
    ["--calm-most <time>", "the longest of that", "10m"],
  ];
  for (const [flag, description, standard] of flags) {
    const timing = option(flag, description, parseMilliseconds).default(parseMilliseconds(standard), standard);
    command.addOption(timing.helpGroup(group));
  }
  return command;
}

export function addRetentionOptions(command: Command): Command {
  const group = "What is kept of what is over:";
  return command
    .addOption(
      option("--keep <time>", "how long ended tasks, their last lines and the history", parseMilliseconds)
        .default(parseMilliseconds("7d"), "7d")
        .helpGroup(group),
    )
    .addOption(option("--keep-tasks <number>", "the most ended tasks", parseCount).default(100_000).helpGroup(group))
    .addOption(
      option("--keep-events <number>", "the most events of the history", parseCount)
        .default(1_000_000)
        .helpGroup(group),
    );
}

export function addStoreOptions(command: Command, defaultStore: StoreOptions["store"]): Command {
  const group = "Store:";
  const store = option("--store <store>", "where tasks and history are kept; --db-type is the same").choices(STORES);
  return command
    .addOption(store.default(defaultStore).helpGroup(group))
    .addOption(aliasOf(store, "--db-type <store>"))
    .addOption(
      option(
        "--data-dir <directory>",
        "its directory (default: below /var/lib/birdman for root, else ~/.local/share/birdman)",
      ).helpGroup(group),
    );
}

/** Another name of a flag, which the help leaves out. */
function aliasOf(original: Option, flags: string): Option {
  const alias = option(flags, original.description).hideHelp();
  alias.argParser((text: string, previous: unknown) => original.parseArg?.(text, previous));
  alias.attributeName = () => original.attributeName();
  return alias;
}

export function addRuntimeOption(command: Command, group: string): Command {
  const runtime = new ListOption(
    "--runtime <runtimes>",
    `what it runs tasks with: ${RUNTIMES.join(", ")} (default: docker)`,
    parseRuntimes,
  );
  return command.addOption(runtime.helpGroup(group));
}

/** `docker,process`. */
function parseRuntimes(text: string): RuntimeKind[] {
  return text.split(",").map((word) => {
    const runtime = RUNTIMES.find((each) => each === word);
    if (runtime !== undefined) return runtime;
    throw new InvalidArgumentError(
      `There is no runtime '${word}'${didYouMean(word, RUNTIMES)}; there are ${RUNTIMES.join(", ")}.`,
    );
  });
}

/** The runtimes that were asked for, each once. */
export function runtimesOf({ runtime }: RuntimeOptions): RuntimeKind[] {
  return runtime === undefined ? ["docker"] : [...new Set(runtime.flat())];
}
