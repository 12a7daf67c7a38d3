/** All checks, in the order in which they are told: this machine first, then what is reached from it. */
import { hostname } from "node:os";
import { resolve } from "node:path";
import type { DoctorOptions } from "../commands/doctor.ts";
import { connect, parseAddress, readCertificates } from "../connect.ts";
import { nodeTransport } from "../../client/node-transport.ts";
import type { Context } from "../context.ts";
import { defaultDataDir, thisUser } from "../servers/data-dir.ts";
import { checkDataDirectory } from "./disk-checks.ts";
import { checkEngine } from "./engine-checks.ts";
import type { Finding } from "./finding.ts";
import { checkCgroups, checkNode, checkOpenFiles } from "./machine-checks.ts";
import { checkManager } from "./manager-checks.ts";
import { checkPort } from "./port-checks.ts";

const MANAGER_PORT = 8080;
const WORKER_PORT = 8081;

export interface Examination extends DoctorOptions {
  /** The manager was named, so it should answer. */
  readonly isExpected: boolean;
}

/** Rejects with a UsageError when a flag is wrong; whatever else goes wrong is a finding. */
export async function examine(options: Examination, context: Context): Promise<readonly Finding[]> {
  const { manager, token, caCert, isExpected } = options;
  const ca = caCert === undefined ? undefined : readCertificates(caCert);
  const base = parseAddress(manager, ca === undefined ? "http" : "https");
  const question = {
    base,
    client: connect(options),
    transport: nodeTransport({ base, ...(ca === undefined ? {} : { ca }) }),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ca,
    isExpected,
    now: context.now,
  };
  const machine = process.platform === "linux" ? [checkOpenFiles(), checkCgroups()] : [];
  const elsewhere = await Promise.all([
    checkEngine(),
    Promise.all([checkPort("manager", MANAGER_PORT), checkPort("worker", WORKER_PORT)]),
    checkManager(question),
  ]);
  return [checkNode(), ...machine, ...dataDirectories(options, context), ...elsewhere.flat()];
}

function dataDirectories({ dataDir }: Examination, { env }: Context): readonly Finding[] {
  if (dataDir !== undefined) return checkDataDirectory("server", resolve(dataDir));
  const user = thisUser(env);
  return [
    ...checkDataDirectory("manager", defaultDataDir(["manager"], user)),
    ...checkDataDirectory("worker", defaultDataDir(["worker", hostname()], user)),
  ];
}
