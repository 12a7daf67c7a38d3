/**
 * One look at the health of an instance: over HTTP, by a TCP connection, or by a command run beside it. Whatever happens
 * is an answer, except the silence of an engine that has to be asked, which is thrown. Each probe has a connection of its own, so that it also finds an instance that takes no
 * new ones, and nothing is left open after it.
 */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import type { Probe } from "../task/spec.ts";
import type { PortBinding } from "../task/task.ts";
import { formatDuration } from "../utils/durations.ts";
import { isSilence, type InstanceRef, type Runtime } from "./runtimes/runtime.ts";

export interface ProbeRequest {
  readonly probe: Probe;
  readonly runtime: Runtime;
  readonly ref: InstanceRef;
  /** Where the instance's ports are published. */
  readonly ports: readonly PortBinding[];
  readonly timeoutMs: number;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** What was found: `HTTP 500 from /healthfail`. One line. */
  readonly detail: string;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** So much of an answer's body is read, so that a server that sends a short one is not cut off; then it is. Bytes. */
const BODY_LIMIT = 16_384;
/** So much of what a failing command printed is told, from its end. Characters. */
const OUTPUT_SHOWN = 200;

/** What `Runtime.exec` gives for a command that it had to kill. */
const TIMED_OUT = 124;
/** A timer that is set to more than this goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Neither keeps nor shares connections, and has no bound of its own on their number. */
const agent = new Agent({ keepAlive: false });

export async function runProbe(probing: ProbeRequest): Promise<ProbeResult> {
  const { probe } = probing;
  try {
    if (probe.kind === "command") return await probeCommand(probing, probe.command);
    const endpoint = await endpointOf(probing, probe.port);
    if (endpoint === undefined) {
      return {
        ok: false,
        detail: `port ${String(probe.port)} is not published, and the instance has no address of its own`,
      };
    }
    return probe.kind === "http" ? await probeHttp(probing, endpoint, probe.path) : await probeTcp(probing, endpoint);
  } catch (error) {
    if (isSilence(error)) throw error;
    return { ok: false, detail: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

/** The port where it is published; else on the address that the instance itself has. */
async function endpointOf({ ports, runtime, ref }: ProbeRequest, port: number): Promise<Endpoint | undefined> {
  const binding = ports.find(({ container, protocol }) => container === port && protocol === "tcp");
  if (binding !== undefined) return { host: reachable(binding.address), port: binding.host };
  const host = await runtime.addressOf(ref);
  return host === undefined ? undefined : { host, port };
}

/** Who listens on every address is reached on the loopback. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/** Healthy is an answer below 400; redirections are answers, and not followed. */
async function probeHttp({ timeoutMs }: ProbeRequest, at: Endpoint, path: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    let result: ProbeResult = { ok: false, detail: `no answer from ${path} within ${formatDuration(timeoutMs)}` };
    const headers = { "user-agent": "birdman-probe", accept: "*/*", connection: "close" };
    const sent = request({ ...at, path, agent, headers });
    const finish = (): void => {
      clearTimeout(timer);
      sent.destroy();
      resolve(result);
    };
    const timer = setTimeout(finish, Math.min(timeoutMs, LONGEST_TIMER_MS));
    sent.on("error", (error) => {
      result = { ok: false, detail: describeFailure(error, at) };
      finish();
    });
    sent.on("response", (response) => {
      // The answer stands from here on, however the body ends.
      const status = response.statusCode ?? 0;
      result = { ok: status >= 200 && status < 400, detail: `HTTP ${String(status)} from ${path}` };
      let size = 0;
      response.on("data", (bytes: Buffer) => {
        size += bytes.length;
        if (size > BODY_LIMIT) finish();
      });
      response.on("error", finish);
      response.on("close", finish);
    });
    sent.end();
  });
}

async function probeTcp({ timeoutMs }: ProbeRequest, at: Endpoint): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const where = `${at.host}:${String(at.port)}`;
    const socket = connect(at);
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const late = { ok: false, detail: `no connection to ${where} within ${formatDuration(timeoutMs)}` };
    const timer = setTimeout(() => finish(late), Math.min(timeoutMs, LONGEST_TIMER_MS));
    socket.on("error", (error) => finish({ ok: false, detail: describeFailure(error, at) }));
    socket.on("connect", () => finish({ ok: true, detail: `connected to ${where}` }));
  });
}

async function probeCommand(
  { runtime, ref, timeoutMs }: ProbeRequest,
  command: readonly string[],
): Promise<ProbeResult> {
  const { exitCode, output } = await runtime.exec(ref, command, timeoutMs);
  if (exitCode === TIMED_OUT) {
    return { ok: false, detail: `${command[0] ?? ""} did not end within ${formatDuration(timeoutMs)}` };
  }
  const said = oneLine(output).slice(-OUTPUT_SHOWN);
  const detail = `exit code ${String(exitCode)} of ${command[0] ?? ""}`;
  return { ok: exitCode === 0, detail: exitCode === 0 || said === "" ? detail : `${detail}: ${said}` };
}

function describeFailure(error: Error, { host, port }: Endpoint): string {
  const where = `${host}:${String(port)}`;
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return `nothing listens on ${where}`;
  if (code === "ECONNRESET" || code === "EPIPE") return `${where} closed the connection without an answer`;
  return oneLine(`${where}: ${error.message}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
}
