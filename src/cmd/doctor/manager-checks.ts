/** The manager, seen from here: whether it answers, as whom it knows us, its certificate, its clock and its nodes. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import type { Birdman } from "../../client/client.ts";
import { ClientError } from "../../client/client-error.ts";
import type { Transport } from "../../client/transport.ts";
import { explainFailure } from "../failure.ts";
import { formatDuration } from "../../utils/durations.ts";
import { failure, warning, well, type Finding } from "./finding.ts";

const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 21;
/** More than the way there and the second that a `Date` header is rounded to. */
const SKEW_MS = 2000;
const CLOCK_REMEDY =
  "Let NTP set both clocks (chrony, systemd-timesyncd): times in the history and --since go by them.";

export interface ManagerQuestion {
  readonly base: URL;
  readonly client: Birdman;
  readonly transport: Transport;
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly ca: string | undefined;
  /** Somebody named the manager, so it is expected to be there. */
  readonly isExpected: boolean;
  readonly now: () => number;
}

export async function checkManager(question: ManagerQuestion): Promise<readonly Finding[]> {
  const certificate = question.base.protocol === "https:" ? [await checkCertificate(question)] : [];
  let difference: number;
  try {
    difference = await clockDifference(question);
  } catch (error) {
    const { message } = explainFailure(error);
    const [detail = "", ...remedy] = message.split("\n");
    const found = question.isExpected ? failure : warning;
    return [...certificate, found("manager", detail, remedy.join(" "))];
  }
  return [
    ...certificate,
    well("manager", `answers at ${question.base.origin}`),
    clock("manager: clock", difference, "this machine's"),
    ...(await checkAccess(question)),
  ];
}

/**
 * How far the manager's clock is ahead of ours, in milliseconds; 0 where the second that it tells is within what the
 * question took.
 */
async function clockDifference({ transport, headers, now }: ManagerQuestion): Promise<number> {
  const asked = now();
  const response = await transport({ method: "GET", path: "/readyz", headers });
  const answered = now();
  for await (const _chunk of response.body); // read to its end, so that the connection is free
  const told = Date.parse(response.header("date") ?? "");
  if (response.status !== 200) {
    const message = response.status === 503 ? "it is still reading its store" : `HTTP ${String(response.status)}`;
    throw new ClientError("unavailable", message, { status: response.status });
  }
  if (Number.isNaN(told) || (told <= answered && told + 1000 >= asked)) return 0;
  return told > answered ? told - answered : told + 1000 - asked;
}

function clock(check: string, difference: number, whose: string): Finding {
  if (Math.abs(difference) < SKEW_MS) return well(check, `agrees with ${whose}`);
  const direction = difference > 0 ? "ahead of" : "behind";
  return warning(check, `${formatDuration(Math.abs(difference))} ${direction} ${whose}`, CLOCK_REMEDY);
}

/** What the token, if there is one, is good for. Asking to stop a task that nobody has changes nothing. */
async function checkAccess({ client }: ManagerQuestion): Promise<readonly Finding[]> {
  const stats = await client.stats().catch((error: unknown) => error);
  if (stats instanceof Error) return [refused("manager: read", stats)];
  const stopped = await client.stop(randomUUID()).catch((error: unknown) => error);
  const canWrite = !(stopped instanceof ClientError && ["scope_missing", "unauthorized"].includes(stopped.code));
  const access = well("manager: access", canWrite ? "may read and change" : "may read, and change nothing");
  return [access, ...(await checkNodes(client))];
}

function refused(check: string, error: Error): Finding {
  const [detail = "", ...remedy] = explainFailure(error).message.split("\n");
  return failure(check, detail, remedy.join(" "));
}

async function checkNodes(client: Birdman): Promise<readonly Finding[]> {
  const nodes = await client.nodes();
  const away = nodes.filter(({ status }) => status !== "ready");
  const detail = `${String(nodes.length - away.length)} of ${String(nodes.length)} ready`;
  const clocks = nodes.flatMap(({ name, clockSkew = 0 }) =>
    Math.abs(clockSkew) < SKEW_MS ? [] : [clock(`node ${name}: clock`, clockSkew, "the manager's")],
  );
  if (away.length === 0) return [well("nodes", detail), ...clocks];
  const names = away.map(({ name, status }) => `${name} is ${status}`).join(", ");
  const remedy = "Look at the workers' logs there; 'birdman node remove' forgets one that is gone for good.";
  return [warning("nodes", `${detail}: ${names}`, remedy), ...clocks];
}

async function checkCertificate({ base, ca, now }: ManagerQuestion): Promise<Finding> {
  const check = "manager: certificate";
  const host = base.hostname.replace(/^\[(.*)\]$/, "$1");
  // What is wrong with it is what we want to know.
  const socket = connectTls({
    host,
    port: base.port === "" ? 443 : Number(base.port),
    servername: /^[\d.]+$|:/.test(host) ? "" : host,
    rejectUnauthorized: false,
    ...(ca === undefined ? {} : { ca }),
  });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(5000) });
    const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - now()) / DAY_MS);
    return verdictOf(check, {
      days,
      certificate: socket.getPeerCertificate(),
      trouble: socket.authorized ? null : socket.authorizationError,
    });
  } catch (error) {
    return refused(check, error instanceof Error ? error : new Error(String(error)));
  } finally {
    socket.destroy();
  }
}

interface Shown {
  /** Until it expires. */
  readonly days: number;
  readonly certificate: PeerCertificate;
  /** Why it is not trusted, null when it is. */
  readonly trouble: Error | null;
}

function verdictOf(check: string, { days, certificate, trouble }: Shown): Finding {
  const until = `of ${String(certificate.subject.CN)}, until ${new Date(certificate.valid_to).toISOString().slice(0, 10)}`;
  const renew = "Renew it, and restart the manager with the new one.";
  if (days < 0) return failure(check, `it has expired (${until})`, renew);
  if (trouble !== null) {
    return failure(
      check,
      `it is not trusted: ${String(trouble)} (${until})`,
      "Name the certificate to trust, its own or its CA's, with --ca-cert.",
    );
  }
  return days < EXPIRES_SOON_DAYS
    ? warning(check, `${String(days)} days are left (${until})`, renew)
    : well(check, until);
}
