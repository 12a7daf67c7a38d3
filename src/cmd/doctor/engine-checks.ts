/** The container engine: whether it answers, what it can limit, how full its disk is. */
import { existsSync, statfsSync } from "node:fs";
import { EngineError } from "../../worker/runtimes/docker/engine-error.ts";
import { engineFacts, type EngineFacts } from "../../worker/runtimes/docker/engine-facts.ts";
import { messageOf } from "../errors.ts";
import { formatBytes } from "../format.ts";
import { failure, warning, well, type Finding } from "./finding.ts";

const CALL_MS = 10_000;
/** As the worker's own --disk-high. */
const FULL = 0.85;
/** API of Docker 20.10 and of Podman 4.3. */
const OLDEST_API = 1.4;

export async function checkEngine(): Promise<readonly Finding[]> {
  let facts: EngineFacts;
  try {
    facts = await engineFacts(CALL_MS);
  } catch (error) {
    return [unusable(error)];
  }
  return [version(facts), limits(facts), ...restarts(facts), ...room(facts)];
}

/** The message of an engine that cannot be reached holds its remedy: what comes after the first sentence. */
function unusable(error: unknown): Finding {
  const [detail = "", ...advice] = messageOf(error).split(". ");
  if (!(error instanceof EngineError && error.reason === "unreachable")) {
    return failure("engine", messageOf(error), "Look at the engine's own log, and start it anew.");
  }
  if (detail.startsWith("no permission")) {
    return failure(
      "engine",
      detail,
      "Whoever may use an engine is as good as root: run the worker as root, or as such a user.",
    );
  }
  const remedy = [...advice, "A manager, or a worker with --runtime process, needs none."].join(". ");
  return warning("engine", detail, remedy);
}

function version({ version: name, apiVersion, address }: EngineFacts): Finding {
  const detail = `${name} (API ${apiVersion}) at ${address}`;
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  if (major > 1 || minor >= 40) return well("engine", detail);
  return failure(
    "engine",
    detail,
    `Install Docker 20.10 or newer, or Podman 4.3 or newer (API ${OLDEST_API.toFixed(2)}).`,
  );
}

function limits({ limits: can, cgroupVersion }: EngineFacts): Finding {
  const missing = Object.entries(can).flatMap(([what, holds]) => (holds ? [] : [what]));
  const detail = cgroupVersion === "" ? "control groups" : `control groups version ${cgroupVersion}`;
  if (missing.length === 0) return well("engine: limits", `memory, cpu and processes, by ${detail}`);
  return warning(
    "engine: limits",
    `it cannot limit ${missing.join(", ")} (${detail})`,
    "Enable these controllers for the engine; a rootless one needs them delegated to its user by systemd.",
  );
}

function restarts({ liveRestore, version: name }: EngineFacts): readonly Finding[] {
  // Podman has no daemon whose restart would end containers.
  if (name.startsWith("Podman")) return [];
  if (liveRestore) return [well("engine: restart", "containers outlive it")];
  return [
    warning(
      "engine: restart",
      "a restart of the engine ends its containers",
      'Set "live-restore": true in /etc/docker/daemon.json, and reload the engine.',
    ),
  ];
}

function room({ isLocal, root }: EngineFacts): readonly Finding[] {
  if (!isLocal || root === "" || !existsSync(root)) return [];
  const { bavail, bsize, blocks } = statfsSync(root);
  const detail = `${formatBytes(bavail * bsize)} free of ${formatBytes(blocks * bsize)} at ${root}`;
  if (1 - bavail / blocks < FULL) return [well("engine: room", detail)];
  return [
    warning("engine: room", detail, "Remove images and volumes that nobody needs, or give the engine a larger disk."),
  ];
}
