/** Where a manager is, as people write it. */

const DEFAULT_PORT = "8080";

/**
 * `HOST`, `HOST:PORT` or a URL as a URL; without a port 8080, unless it is a URL. Undefined when it is none of these.
 *
 * @param scheme of an address that names none
 */
export function parseAddress(address: string, scheme: "http" | "https" = "http"): URL | undefined {
  const isUrl = /^https?:\/\//i.test(address);
  const url = URL.parse(isUrl ? address : `${scheme}://${address}`);
  if (url === null || url.hostname === "" || url.username !== "" || url.search !== "" || url.hash !== "") {
    return undefined;
  }
  if (!isUrl && !/:\d+$/.test(address.replace(/\/.*$/, ""))) url.port = DEFAULT_PORT;
  return url;
}
