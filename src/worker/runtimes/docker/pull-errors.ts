/** Why a pull failed, in plain words, from the texts that registries and engines answer with. */
import { StartError } from "../runtime.ts";
import { EngineError } from "./engine-error.ts";
import type { PullRequest } from "./image-puller.ts";
import { innermost } from "./start-errors.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly message: (image: string, hasCredentials: boolean, detail: string) => string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /may require 'docker login'|requested access to the resource is denied/,
    message: (image, hasCredentials) =>
      hasCredentials
        ? `there is no image ${image}, or these credentials (registryAuth) may not pull it`
        : `there is no image ${image}, or it needs credentials (registryAuth)`,
  },
  {
    pattern: /unauthorized|authentication required|incorrect username or password|no basic auth|status: 401|denied/i,
    message: (image, hasCredentials) =>
      hasCredentials
        ? `the registry refused the credentials for ${image}: check the username and password of registryAuth`
        : `the registry wants credentials for ${image}: give registryAuth`,
  },
  {
    pattern: /no matching manifest/,
    message: (image) => `image ${image} is not made for this node's kind of processor`,
  },
  {
    pattern: /manifest unknown|name unknown|manifest for .* not found|repository .* not found|status: 404/,
    message: (image) => `there is no image ${image}: its registry does not know it; check name and tag`,
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    message: (image) =>
      `the registry of ${image} speaks plain HTTP: allow it with "insecure-registries" in the engine's configuration`,
  },
  {
    pattern: /x509|certificate/,
    message: (image, _, detail) => `the certificate of the registry of ${image} is not trusted: ${detail}`,
  },
  {
    pattern:
      /no such host|connection refused|timeout|unreachable|no route to host|deadline exceeded|request canceled|name resolution|server misbehaving|EOF|connection reset/i,
    message: (image, _, detail) => `the registry of ${image} cannot be reached: ${detail}`,
  },
  {
    pattern: /toomanyrequests|rate limit/,
    message: (image) => `the registry's rate limit is reached for ${image}: wait, or give credentials (registryAuth)`,
  },
];

/** The StartError for whatever pulling the image failed with. No message repeats the credentials. */
export function pullError(error: unknown, { image, credentials }: PullRequest): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof EngineError && error.reason !== "answered") {
    return new StartError("engine", error.message, { cause: error });
  }
  // The cause is left out: it might repeat what was sent.
  const words = withoutSecrets(error instanceof Error ? error.message : String(error), credentials);
  if (/invalid reference format|repository name must be lowercase/.test(words)) {
    return new StartError("spec", `"${image}" is no name of an image: ${innermost(words)}`);
  }
  const detail = innermost(words);
  const rule = RULES.find(({ pattern }) => pattern.test(words));
  const message = rule?.message(image, credentials !== undefined, detail) ?? `cannot pull ${image}: ${detail}`;
  return new StartError("image", message);
}

function withoutSecrets(text: string, credentials: PullRequest["credentials"]): string {
  if (credentials === undefined || credentials.password === "") return text;
  return text.replaceAll(credentials.password, "***");
}
