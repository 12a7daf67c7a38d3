/**
 * What every request must pass before its body is read, in this order: the host it names, the origin it comes from, the
 * token it brings. Routes say in their `config` what they ask for; one that says nothing asks for `read`.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isKnownHost, isOwnOrigin, type KnownHosts, type Requirement, type TokenSource } from "../access.ts";
import { problem, ProblemError } from "../problems.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a request to the route must bring. */
    access?: Requirement;
  }
}

export interface AccessRules {
  readonly hosts: KnownHosts;
  /** Absent: no token is asked for. */
  readonly tokens?: TokenSource | undefined;
}

export function guard(app: FastifyInstance, { hosts, tokens }: AccessRules): void {
  app.addHook("onRequest", async (request) => {
    checkHost(request, hosts);
    checkOrigin(request);
    if (tokens !== undefined) checkToken(request, tokens);
  });
}

function checkHost({ headers }: FastifyRequest, hosts: KnownHosts): void {
  if (isKnownHost(headers.host, hosts)) return;
  const named = headers.host === undefined ? "no host" : `the host "${headers.host.slice(0, 128)}"`;
  throw new ProblemError(problem("host_unknown", `the request names ${named}, which this server does not go by`));
}

function checkOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || isOwnOrigin(origin, host)) return;
  throw new ProblemError(problem("origin_unknown", `no page of ${origin.slice(0, 128)} may use this server`));
}

function checkToken(request: FastifyRequest, tokens: TokenSource): void {
  const wanted = request.routeOptions.config.access ?? "read";
  if (wanted === "open") return;
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) {
    const detail = "a token is needed: Authorization: Bearer TOKEN (birdman --token, or BIRDMAN_TOKEN)";
    throw new ProblemError(problem("unauthorized", detail), { "www-authenticate": challenge() });
  }
  const scopes = tokens.current().scopesOf(token);
  if (scopes === undefined) {
    throw new ProblemError(problem("unauthorized", "the token is not known here"), {
      "www-authenticate": challenge('error="invalid_token"'),
    });
  }
  if (!scopes.has(wanted)) {
    throw new ProblemError(problem("scope_missing", `the token lacks the scope ${wanted}`), {
      "www-authenticate": challenge(`error="insufficient_scope", scope="${wanted}"`),
    });
  }
}

/** RFC 6750, section 3. */
function challenge(...parameters: readonly string[]): string {
  return `Bearer ${['realm="birdman"', ...parameters].join(", ")}`;
}
