/** What protects a server: its certificate and its tokens, read once at start, and the rule that it has them beyond loopback. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { checkExposure, TokenFileError } from "../../api/access.ts";
import type { HttpServerOptions, TlsOptions } from "../../api/http/server.ts";
import { TokenFile } from "../../api/token-file.ts";
import { UsageError, messageOf } from "../errors.ts";
import type { AccessOptions, ListenOptions } from "../server-options.ts";

export interface ServerAccessRequest {
  readonly listen: ListenOptions;
  readonly access: AccessOptions;
  /** Names other than its own that the machine is addressed by. */
  readonly names: readonly string[];
  /** Trouble with the token file while the server runs. */
  readonly onTokenError: (error: Error) => void;
}

/** Throws a UsageError that names the flag. */
export function serverAccess({
  listen,
  access,
  names,
  onTokenError,
}: ServerAccessRequest): Pick<HttpServerOptions, "access" | "tls"> {
  const tls = readTls(access);
  const tokens = access.tokenFile === undefined ? undefined : readTokens(access.tokenFile, onTokenError);
  const problem = checkExposure({
    host: listen.host,
    hasTls: tls !== undefined,
    hasTokens: tokens !== undefined,
    insecure: access.insecure === true,
  });
  if (problem !== undefined) throw new UsageError(problem);
  return { access: { listenHost: listen.host, names: [hostname(), ...names], tokens }, tls };
}

function readTls({ tlsCert, tlsKey }: AccessOptions): TlsOptions | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined) throw new UsageError("--tls-key needs --tls-cert as well");
  if (tlsKey === undefined) throw new UsageError("--tls-cert needs --tls-key as well");
  const cert = read("--tls-cert", tlsCert, (pem) => new X509Certificate(pem));
  const key = read("--tls-key", tlsKey, (pem) => createPrivateKey(pem));
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new UsageError(`--tls-key ${tlsKey} is not the key of --tls-cert ${tlsCert}`);
  }
  return { cert, key };
}

/** The file's text, once `check` has made sense of it. */
function read(flag: string, file: string, check: (text: string) => unknown): string {
  try {
    const text = readFileSync(file, "utf8");
    check(text);
    return text;
  } catch (error) {
    throw new UsageError(`${flag} ${file} cannot be used: ${messageOf(error)}`);
  }
}

function readTokens(file: string, onError: (error: Error) => void): TokenFile {
  try {
    return new TokenFile(file, onError);
  } catch (error) {
    const hint = error instanceof TokenFileError ? "" : "; 'birdman token create --scope … --token-file' makes one";
    throw new UsageError(`--token-file cannot be used: ${messageOf(error)}${hint}`);
  }
}
