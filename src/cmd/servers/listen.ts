import type { FastifyInstance } from "fastify";
import { CommandError, messageOf } from "../errors.ts";
import type { ListenOptions } from "../server-options.ts";

/** Listens, and resolves to the URL. Rejects with a CommandError that names the flag to change. */
export async function listen(
  app: FastifyInstance,
  { host, port }: ListenOptions,
  portFlag = "--port",
): Promise<string> {
  try {
    return await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const place = `${host}:${String(port)}`;
    if (code === "EADDRINUSE") {
      throw new CommandError(
        `port ${String(port)} is taken (${place}): another server listens there; choose another with ${portFlag}`,
      );
    }
    if (code === "EACCES")
      throw new CommandError(`port ${String(port)} is for root alone; choose one from 1024 with ${portFlag}`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      throw new CommandError(`${host} is no address of this machine; choose another with --host`);
    }
    throw new CommandError(`cannot listen on ${place}: ${messageOf(error)}`);
  }
}
