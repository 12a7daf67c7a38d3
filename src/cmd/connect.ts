import { readFileSync } from "node:fs";
import { parseAddress as addressOf } from "../client/address.ts";
import { Birdman } from "../client/client.ts";
import { nodeTransport } from "../client/node-transport.ts";
import { UsageError, messageOf } from "./errors.ts";
import type { ConnectionOptions } from "./options.ts";

/** The client that a command's connection flags describe. Nothing is sent yet. */
export function connect({ manager, token, caCert }: ConnectionOptions): Birdman {
  const base = parseAddress(manager, caCert === undefined ? "http" : "https");
  const ca = caCert === undefined ? undefined : readCertificates(caCert);
  const where = { base, ...(ca === undefined ? {} : { ca }) };
  return new Birdman({
    transport: nodeTransport(where),
    sockets: async (request) => (await import("../client/node-sockets.ts")).nodeSockets(where)(request),
    ...(token === undefined ? {} : { token }),
  });
}

/** The address of a manager. Throws a UsageError. */
export function parseAddress(address: string, scheme: "http" | "https"): URL {
  const url = addressOf(address, scheme);
  if (url !== undefined) return url;
  throw new UsageError(`'${address}' is no address of a manager: give HOST:PORT or a URL such as https://host:8080`);
}

/** Throws a UsageError that names the flag. */
export function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read --ca-cert: ${messageOf(error)}`);
  }
}
