/**
 * Tells the service manager (systemd, `Type=notify`) how far a server is. Node cannot send a datagram to a Unix socket, so
 * systemd's own program does it.
 */
import { execFile } from "node:child_process";
import type { Context } from "../context.ts";
import type { Log } from "../../utils/log.ts";

/** In the words of `sd_notify`; the program's own flags for them differ from version to version. */
const WORDS = { ready: "READY=1", stopping: "STOPPING=1" } as const;

/** `ready`: it serves; `stopping`: it has begun to end. Does nothing where no service manager asked to be told. */
export function notifyService(state: keyof typeof WORDS, { env }: Pick<Context, "env">, log: Log): void {
  const { NOTIFY_SOCKET, PATH } = env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return;
  execFile("systemd-notify", [WORDS[state]], { env: { NOTIFY_SOCKET, PATH } }, (error) => {
    if (error !== null) log.warn({}, `cannot tell the service manager: ${error.message}`);
  }).unref();
}
