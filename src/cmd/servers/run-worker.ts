import { isIP } from "node:net";
import { hostname } from "node:os";
import { resolve } from "node:path";
import packageFile from "../../../package.json" with { type: "json" };
import { MachineSampler } from "../../stats/machine.ts";
import type { ImageSettings } from "../../worker/runtimes/docker/image-collector.ts";
import type { Resources } from "../../task/spec.ts";
import { parseAddress, readCertificates } from "../connect.ts";
import type { Context } from "../context.ts";
import { messageOf, UsageError } from "../errors.ts";
import { formatBytes, formatCores } from "../format.ts";
import type { ConnectionOptions } from "../options.ts";
import { runtimesOf, type WorkerOptions } from "../server-options.ts";
import { painter } from "../terminal/paint.ts";
import { parseNodeName } from "../values.ts";
import { serverAccess } from "./access.ts";
import { startWorker, type RunningWorker } from "./compose-worker.ts";
import { defaultDataDir, thisUser } from "./data-dir.ts";
import { Lifetime } from "./lifetime.ts";
import { createLogger } from "./logging.ts";

const LOOPBACK = "127.0.0.1";

/** Runs a worker until it is told to end. Rejects with a UsageError or a CommandError. */
export async function runWorker(options: WorkerOptions, context: Context): Promise<void> {
  const log = createLogger(options, context.stderr, painter(context, context.stderr));
  using lifetime = new Lifetime({ log, context });
  const name = options.name ?? ownName();
  const dataDir = resolve(options.dataDir ?? defaultDataDir(["worker", name], thisUser(context.env)));
  const addresses = addressesOf(options);
  const manager = managerAddress(options);
  const worker = await startWorker({
    name,
    ...addresses,
    portRange: options.portRange,
    labels: Object.fromEntries(options.label ?? []),
    capacity: offered(options),
    runtimes: runtimesOf(options),
    allowedPaths: options.allowPath ?? [],
    images: imagesOf(options),
    manager,
    store: "persistent",
    dataDir,
    claim: options.claim,
    listen: options,
    portFlag: "--port",
    http: serverAccess({
      listen: options,
      access: options,
      names: options.advertise === undefined ? [] : [options.advertise],
      onTokenError: (error) => log.warn(error.message),
    }),
    machine: new MachineSampler(dataDir),
    log,
    onFatal: lifetime.fail,
  });
  context.stdout.write(`${describe(name, worker)}, manager ${manager.url}, data in ${dataDir}\n`);
  await lifetime.run(worker.close);
}

function ownName(): string {
  try {
    return parseNodeName(hostname());
  } catch (error) {
    throw new UsageError(
      `the host's name '${hostname()}' cannot be a node's, so give one with --name: ${messageOf(error)}`,
    );
  }
}

/** Where its tasks are reached, and the address of this machine that their ports are published on. */
function addressesOf({ advertise, publishAddress }: WorkerOptions): { address: string; publishAddress: string } {
  const published = publishAddress ?? advertise ?? LOOPBACK;
  if (isIP(published) === 0) {
    throw new UsageError(
      publishAddress === undefined
        ? `ports are published on an IP address, which --advertise ${published} is not: give one with --publish-address`
        : `--publish-address must be an IP address of this machine, not ${published}`,
    );
  }
  return { address: advertise ?? published, publishAddress: published };
}

function managerAddress({ manager, token, caCert }: ConnectionOptions): { url: string; token?: string; ca?: string } {
  const url = parseAddress(manager, caCert === undefined ? "http" : "https");
  return {
    url: url.href.replace(/\/$/, ""),
    ...(token === undefined ? {} : { token }),
    ...(caCert === undefined ? {} : { ca: readCertificates(caCert) }),
  };
}

function imagesOf({ imageKeep, diskHigh, diskLow }: WorkerOptions): ImageSettings {
  if (diskLow > diskHigh) throw new UsageError("--disk-low must not be above --disk-high");
  return { keepMs: imageKeep, diskHigh, diskLow };
}

function offered({ cpu, memory, disk }: WorkerOptions): Partial<Resources> {
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(disk === undefined ? {} : { disk }),
  };
}

function describe(name: string, { url, runtimes, capacity }: RunningWorker): string {
  const offer = `${formatCores(capacity.cpu)} cores, ${formatBytes(capacity.memory)} memory, ${formatBytes(capacity.disk)} disk`;
  return `birdman worker ${packageFile.version}: ${name} at ${url}, ${runtimes.join(", ")}, offers ${offer}`;
}
