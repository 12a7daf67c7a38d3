import { isIPv6 } from "node:net";
import { isLoopback } from "../../api/access.ts";

export interface ApiPlace {
  /** The address that the API listens on. */
  readonly listenHost: string;
  /** Where the machine is reached, as it says; a loopback address where nothing was said. */
  readonly advertised: string;
}

/**
 * Where others reach the API that listens at `url`: on loopback nobody but this machine does; otherwise by the address
 * that is advertised, or else by the one that it listens on.
 */
export function apiUrl(url: string, { listenHost, advertised }: ApiPlace): string {
  const isEverywhere = listenHost === "0.0.0.0" || listenHost === "::";
  const isListened = isLoopback(listenHost) || (isLoopback(advertised) && !isEverywhere);
  const host = isListened ? listenHost : advertised;
  const api = new URL(url);
  api.hostname = isIPv6(host) ? `[${host}]` : host;
  return api.origin;
}
