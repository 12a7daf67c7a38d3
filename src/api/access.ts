/**
 * Who may ask what. Tokens carry scopes and are kept as digests only; names by which a server may be addressed are a
 * closed list, so that no web page reaches it by pointing a name of its own at this machine (DNS rebinding).
 */
import { createHash, randomBytes, timingSafeEqual, type X509Certificate } from "node:crypto";
import { isIP, isIPv4 } from "node:net";
import { isoTime } from "./json-types.ts";

/** `read`: everything that changes nothing; `write`: everything that does; `exec`: into a task; `node`: be a worker. */
export const SCOPES = ["read", "write", "exec", "node"] as const;
export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** What a request must bring: a scope, or nothing at all. */
export type Requirement = Scope | "open";

export interface NewToken {
  /** Shown once, to whoever asked for it. */
  readonly token: string;
  /** The line of the token file that knows it. */
  readonly line: string;
}

/**
 * A new token with these scopes. 256 random bits need no slow hash: a digest of them tells nothing.
 * `now` is the wall clock in milliseconds, for the date in the line.
 */
export function createToken(scopes: readonly Scope[], now: number): NewToken {
  const token = `birdman_${randomBytes(32).toString("base64url")}`;
  return { token, line: `sha256:${digestOf(token).toString("hex")} ${[...new Set(scopes)].join(",")} ${isoTime(now)}` };
}

/** Something is wrong with a token file; the message names the line. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
}

/** Where a server finds the tokens that hold at this moment. */
export interface TokenSource {
  current(): TokenSet;
}

interface KnownToken {
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
}

const LINE = /^sha256:([0-9a-f]{64})\s+([a-z,]+)(\s.*)?$/;

export class TokenSet implements TokenSource {
  readonly #tokens: readonly KnownToken[];

  constructor(tokens: readonly KnownToken[]) {
    this.#tokens = tokens;
  }

  /**
   * Of a token file's text. A line is `sha256:DIGEST SCOPE[,SCOPE…]`, whatever follows (the date, a note) is for
   * people; empty lines and lines that begin with # are skipped. Throws a TokenFileError.
   */
  static parse(text: string): TokenSet {
    const tokens: KnownToken[] = [];
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#")) continue;
      const match = LINE.exec(line);
      const names = match?.[2]?.split(",") ?? [];
      const scopes = names.filter(isScope);
      if (match?.[1] === undefined || scopes.length !== names.length) {
        const valid = `sha256:DIGEST and scopes out of ${SCOPES.join(",")}`;
        throw new TokenFileError(`line ${String(index + 1)} is no token: it must be ${valid}`);
      }
      tokens.push({ digest: Buffer.from(match[1], "hex"), scopes: new Set(scopes) });
    }
    return new TokenSet(tokens);
  }

  get size(): number {
    return this.#tokens.length;
  }

  current(): TokenSet {
    return this;
  }

  /** The scopes of a token, undefined when it is unknown. Takes the same time for every token. */
  scopesOf(token: string): ReadonlySet<Scope> | undefined {
    const digest = digestOf(token);
    let found: ReadonlySet<Scope> | undefined;
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, digest)) found = known.scopes;
    return found;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = bareHost(host);
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
}

export interface KnownHosts {
  /** The address that the server listens on. */
  readonly listenHost: string;
  /** Other names it goes by. */
  readonly names: readonly string[];
  /** What its certificate covers, it is known as. */
  readonly certificate?: X509Certificate | undefined;
}

/** Whether a `Host` header names this server. */
export function isKnownHost(header: string | undefined, { listenHost, names, certificate }: KnownHosts): boolean {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/?#@[\]]+)(?::\d{1,5})?$/.exec(header ?? "");
  if (match?.[1] === undefined) return false;
  const host = bareHost(match[1]);
  if (isLoopback(host) || host === bareHost(listenHost)) return true;
  if (names.some((name) => bareHost(name) === host)) return true;
  if (isIP(host) !== 0) return isEveryAddress(listenHost) || certificate?.checkIP(host) !== undefined;
  return certificate?.checkHost(host) !== undefined;
}

/** True for 0.0.0.0 and ::, by which a server listens on every address of its machine. */
function isEveryAddress(host: string): boolean {
  return ["0.0.0.0", "::"].includes(bareHost(host));
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** Whether a page of this origin is one of the server's own: then it has the very host and port of the request. */
export function isOwnOrigin(origin: string, hostHeader: string | undefined): boolean {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase());
  return match?.[1] !== undefined && match[1] === hostHeader?.toLowerCase();
}

export interface Exposure {
  readonly host: string;
  readonly hasTls: boolean;
  readonly hasTokens: boolean;
  readonly insecure: boolean;
}

/** Why a server must not start like this: it could be reached from other machines, unprotected. Undefined when it may. */
export function checkExposure({ host, hasTls, hasTokens, insecure }: Exposure): string | undefined {
  if (isLoopback(host) || insecure || (hasTls && hasTokens)) return undefined;
  const missing = [...(hasTls ? [] : ["--tls-cert", "--tls-key"]), ...(hasTokens ? [] : ["--token-file"])];
  const tokens = hasTokens ? "" : " (birdman token create makes tokens)";
  return (
    `--host ${host} can be reached from other machines, so it needs ${missing.join(" and ")} as well${tokens}. ` +
    "--insecure starts it without: then whoever reaches it controls it."
  );
}

/** For pino's `redact`: what no log line may show, wherever a request's headers are logged. */
export const LOG_REDACTION = {
  paths: [
    "authorization",
    "headers.authorization",
    "req.headers.authorization",
    "request.headers.authorization",
    "token",
    "*.token",
    "registryAuth",
    "*.registryAuth",
  ],
  censor: "[redacted]",
};
