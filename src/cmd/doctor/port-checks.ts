/** Whether the servers' usual ports are free, or taken by the very servers. */
import { once } from "node:events";
import { createServer } from "node:net";
import { nodeTransport } from "../../client/node-transport.ts";
import { failure, warning, well, type Finding } from "./finding.ts";

const LOOPBACK = "127.0.0.1";
const ANSWER_MS = 2000;

export async function checkPort(what: "manager" | "worker", port: number): Promise<Finding> {
  const check = `port ${String(port)}`;
  const code = await tryToListen(port);
  if (code === undefined) return well(check, `free for a ${what}`);
  if (code === "EADDRINUSE" && (await isBirdman(port))) return well(check, "Birdman listens there");
  if (code === "EADDRINUSE") {
    return warning(check, "something else listens there", `Give the ${what} another one with --port.`);
  }
  return failure(check, `it cannot be listened on (${code})`, `Give the ${what} another one with --port.`);
}

/** The system's error code; undefined when it can be had. */
async function tryToListen(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, "listening");
    server.close();
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** Both servers answer `GET /healthz` alike, whoever asks; with TLS there is no telling without their certificate. */
async function isBirdman(port: number): Promise<boolean> {
  const ask = nodeTransport({ base: new URL(`http://${LOOPBACK}:${String(port)}`), responseTimeoutMs: ANSWER_MS });
  try {
    const { status, body } = await ask({ method: "GET", path: "/healthz", headers: {} });
    let text = "";
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    return status === 200 && text === '{"status":"ok"}';
  } catch {
    return false; // whatever it is, it does not speak as we do
  }
}
