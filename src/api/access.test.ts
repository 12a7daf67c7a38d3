import { expect, test } from "vitest";
import {
  checkExposure,
  createToken,
  isKnownHost,
  isLoopback,
  isOwnOrigin,
  TokenFileError,
  TokenSet,
} from "./access.ts";

test("a token is known by its digest alone, with its scopes", () => {
  const reader = createToken(["read"], 0);
  const operator = createToken(["read", "write", "write"], 0);
  const tokens = TokenSet.parse(`# who may what\n\n${reader.line} grafana\r\n${operator.line}\n`);
  expect(tokens.size).toBe(2);
  expect([...(tokens.scopesOf(reader.token) ?? [])]).toEqual(["read"]);
  expect([...(tokens.scopesOf(operator.token) ?? [])]).toEqual(["read", "write"]);
  expect(tokens.scopesOf("")).toBeUndefined();
  expect(tokens.scopesOf(`${reader.token}x`)).toBeUndefined();
  expect(reader.line).not.toContain(reader.token);
  expect(reader.token).toMatch(/^birdman_[\w-]{43}$/);
  expect(operator.line).toMatch(/^sha256:[0-9a-f]{64} read,write 1970-01-01T00:00:00\.000Z$/);
});

test("two tokens are never the same", () => {
  expect(createToken(["read"], 0).token).not.toBe(createToken(["read"], 0).token);
});

test.each(["birdman_secret read", "sha256:abc read", `sha256:${"0".repeat(64)}`, `sha256:${"0".repeat(64)} read,root`])(
  "a token file with the line %j is refused by its number",
  (line) => {
    expect(() => TokenSet.parse(`# tokens\n${line}\n`)).toThrow(TokenFileError);
    expect(() => TokenSet.parse(`# tokens\n${line}\n`)).toThrow("line 2");
  },
);

test.each(["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])(
  "%s is loopback",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(["0.0.0.0", "::", "10.0.0.1", "127.evil.example", "localhost.evil.example", "manager1", ""])(
  "%s is not loopback",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

const LOCAL = { listenHost: "127.0.0.1", names: [] };
const OPEN = { listenHost: "0.0.0.0", names: ["manager1.example"] };
const ONE = { listenHost: "10.0.0.5", names: [] };

test.each([
  ["localhost:8080", LOCAL, true],
  ["localhost", LOCAL, true],
  ["127.0.0.1:8080", LOCAL, true],
  ["[::1]:8080", LOCAL, true],
  ["evil.example:8080", LOCAL, false],
  ["localhost.evil.example", LOCAL, false],
  ["10.0.0.5:8080", LOCAL, false],
  ["", LOCAL, false],
  [undefined, LOCAL, false],
  ["localhost:80:80", LOCAL, false],
  ["user@localhost", LOCAL, false],
  ["10.0.0.5:8080", OPEN, true],
  ["[2001:db8::1]:8080", OPEN, true],
  ["Manager1.Example:8080", OPEN, true],
  ["evil.example:8080", OPEN, false],
  ["10.0.0.5:8080", ONE, true],
  ["10.0.0.6:8080", ONE, false],
])("the host %j at %j is known: %j", (header, hosts, known) => {
  expect(isKnownHost(header, hosts)).toBe(known);
});

test.each([
  ["http://localhost:8080", "localhost:8080", true],
  ["https://localhost:8080", "LOCALHOST:8080", true],
  ["http://localhost:3000", "localhost:8080", false],
  ["http://evil.example", "localhost:8080", false],
  ["null", "localhost:8080", false],
  ["http://localhost:8080", undefined, false],
  ["http://localhost:8080/x", "localhost:8080", false],
])("a page of %s is the own of %s: %j", (origin, host, own) => {
  expect(isOwnOrigin(origin, host)).toBe(own);
});

test("beyond loopback a server starts with TLS and tokens, or by an explicit word", () => {
  const open = { host: "0.0.0.0", hasTls: false, hasTokens: false, insecure: false };
  expect(checkExposure({ ...open, host: "127.0.0.1" })).toBeUndefined();
  expect(checkExposure({ ...open, hasTls: true, hasTokens: true })).toBeUndefined();
  expect(checkExposure({ ...open, insecure: true })).toBeUndefined();
  expect(checkExposure(open)).toContain("--tls-cert and --tls-key and --token-file");
  expect(checkExposure({ ...open, hasTls: true })).toMatch(/needs --token-file as well \(birdman token create/);
  expect(checkExposure({ ...open, hasTokens: true })).toContain("needs --tls-cert and --tls-key as well.");
});
