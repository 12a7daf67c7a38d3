/** The flags of `birdman run` that describe a task, and the document they make. */
import { InvalidArgumentError, type Command, type Option } from "commander";
import type { TaskDocument } from "../task/document.ts";
import { UsageError } from "./errors.ts";
import { ListOption, option } from "./options.ts";
import { parseBytes, parseCores, parsePair, type Pair } from "./values.ts";

type PortFlag = NonNullable<TaskDocument["ports"]>[number];
type VolumeFlag = NonNullable<TaskDocument["volumes"]>[number];
type RestartFlag = NonNullable<TaskDocument["restart"]>;

export interface TaskFlags {
  readonly name?: string;
  readonly env?: readonly Pair[];
  readonly publish?: readonly PortFlag[];
  readonly label?: readonly Pair[];
  readonly volume?: readonly VolumeFlag[];
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly constraint?: readonly string[];
  readonly restart?: RestartFlag;
  readonly health?: string;
  readonly runtime?: NonNullable<TaskDocument["runtime"]>;
  readonly pull?: NonNullable<TaskDocument["pull"]>;
}

/** Adds the flags; `env` is where `-e KEY` alone takes its value from. */
export function addTaskFlags(command: Command, env: Readonly<Record<string, string | undefined>>): readonly Option[] {
  const flags = [
    option("--name <name>", "a name for it"),
    new ListOption("-e, --env <key=value>", "an environment variable; KEY alone takes the value it has here", (text) =>
      parseVariable(text, env),
    ),
    new ListOption(
      "-p, --publish <ports>",
      "a port to publish, HOST:CONTAINER or CONTAINER alone, /udp if it is one",
      parsePublish,
    ),
    new ListOption("-l, --label <key=value>", "a label", parsePair),
    new ListOption("-v, --volume <source:target>", "a volume or a path of the node, :ro to only read it", parseVolume),
    option("--cpu <cores>", "cores to reserve and not to exceed", parseCores),
    option("--memory <size>", "memory to reserve and not to exceed", parseBytes),
    option("--disk <size>", "disk to reserve", parseBytes),
    new ListOption("--constraint <expression>", 'which nodes will do, such as "label.disk == ssd"', (text) => text),
    option("--restart <policy>", "on-failure, on-failure:TIMES, always or never", parseRestart),
    option("--health <path>", "an HTTP path on its first port that answers 2xx while it is healthy", parseHealth),
    option("--runtime <runtime>", "what runs it (default: docker)").choices(["docker", "process", "hollow"]),
    option("--pull <when>", "when to pull the image (default: missing)").choices(["missing", "always", "never"]),
  ];
  for (const flag of flags) command.addOption(flag.helpGroup("Task:"));
  return flags;
}

/** The document of one task. What was not given is left to the manager's defaults. */
export function documentOf(image: string | undefined, command: readonly string[], flags: TaskFlags): TaskDocument {
  const { name, env, publish, label, volume, cpu, memory, disk, constraint, restart, health, runtime, pull } = flags;
  if (image === undefined && runtime !== "process") {
    throw new UsageError(
      command.length === 0
        ? "nothing to run: give an IMAGE, a file with -f, or --runtime process -- COMMAND"
        : "a command without an image: give an IMAGE before --, or --runtime process to run it without a container",
    );
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(command.length === 0 ? {} : { command: [...command] }),
    ...(env === undefined ? {} : { env: Object.fromEntries(env) }),
    ...(label === undefined ? {} : { labels: Object.fromEntries(label) }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(pull === undefined ? {} : { pull }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(disk === undefined ? {} : { disk }),
    ...(publish === undefined ? {} : { ports: [...publish] }),
    ...(volume === undefined ? {} : { volumes: [...volume] }),
    ...(restart === undefined ? {} : { restart }),
    ...(health === undefined ? {} : { health: { http: { path: health } } }),
    ...(constraint === undefined ? {} : { constraints: [...constraint] }),
  };
}

export function parseVariable(text: string, env: Readonly<Record<string, string | undefined>>): Pair {
  if (text.includes("=")) return parsePair(text);
  const value = env[text];
  if (value !== undefined) return [text, value];
  throw new InvalidArgumentError("It must be KEY=VALUE, or a KEY that is set here.");
}

/** `8080:80`, `8080:80/udp`, `80`. */
function parsePublish(text: string): PortFlag {
  const [, host, container, protocol] = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(text) ?? [];
  if (container === undefined || Number(container) < 1 || Number(container) > 65_535 || Number(host ?? 0) > 65_535) {
    throw new InvalidArgumentError("It must be HOST:CONTAINER such as 8080:80, or 80 for a free port of the node.");
  }
  return {
    container: Number(container),
    ...(host === undefined ? {} : { host: Number(host) }),
    ...(protocol === "udp" ? { protocol } : {}),
  };
}

function parseVolume(text: string): VolumeFlag {
  const [, source, target, access] = /^([^:]+):(\/[^:]*)(?::(ro|rw))?$/.exec(text) ?? [];
  if (source === undefined || target === undefined) {
    throw new InvalidArgumentError("It must be SOURCE:/TARGET, with :ro after it to only read.");
  }
  return { source, target, ...(access === "ro" ? { readOnly: true } : {}) };
}

function parseRestart(text: string): RestartFlag {
  const [, policy, attempts] = /^(on-failure|always|never)(?::(\d{1,6}))?$/.exec(text) ?? [];
  if ((policy === "always" || policy === "never") && attempts === undefined) return { policy };
  if (policy === "on-failure") return { policy, ...(attempts === undefined ? {} : { attempts: Number(attempts) }) };
  throw new InvalidArgumentError("It must be on-failure, on-failure:TIMES, always or never.");
}

function parseHealth(text: string): string {
  if (text.startsWith("/")) return text;
  throw new InvalidArgumentError("It must be a path such as /health; other checks are written in a file (-f).");
}
