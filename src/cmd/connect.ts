import { readFileSync } from "node:fs";
import { Birdman } from "../client/client.ts";
import { nodeTransport } from "../client/node-transport.ts";
import { UsageError, messageOf } from "./errors.ts";
import type { ConnectionOptions } from "./options.ts";

const DEFAULT_PORT = "8080";

/** The client that a command's connection flags describe. Nothing is sent yet. */
export function connect({ manager, token, caCert }: ConnectionOptions): Birdman {
  const base = parseAddress(manager, caCert === undefined ? "http" : "https");
  const ca = caCert === undefined ? undefined : readCertificates(caCert);
  return new Birdman({
    transport: nodeTransport({ base, ...(ca === undefined ? {} : { ca }) }),
    ...(token === undefined ? {} : { token }),
  });
}

/**
 * `HOST`, `HOST:PORT` or a URL as a URL; without a port 8080, unless it is a URL. Throws a UsageError.
 *
 * @param scheme of an address that names none
 */
export function parseAddress(address: string, scheme: "http" | "https"): URL {
  const isUrl = /^https?:\/\//i.test(address);
  const url = URL.parse(isUrl ? address : `${scheme}://${address}`);
  if (url === null || url.hostname === "" || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new UsageError(`'${address}' is no address of a manager: give HOST:PORT or a URL such as https://host:8080`);
  }
  if (!isUrl && !/:\d+$/.test(address.replace(/\/.*$/, ""))) url.port = DEFAULT_PORT;
  return url;
}

/** Throws a UsageError that names the flag. */
export function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read --ca-cert: ${messageOf(error)}`);
  }
}
