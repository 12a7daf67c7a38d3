import { describe, expect, test } from "vitest";
import { EngineError } from "./engine-error.ts";
import { pullError } from "./pull-errors.ts";

const IMAGE = "registry.example:5000/shop:1";
const CREDENTIALS = { username: "ann", password: "hunter2" };

/** What engines really answered, and what a user is to read instead. */
const CASES: readonly (readonly [string, string])[] = [
  [
    "pull access denied for shop, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    `there is no image ${IMAGE}, or it needs credentials (registryAuth)`,
  ],
  [
    "Head http://127.0.0.1:5000/v2/shop/manifests/1: no basic auth credentials",
    `the registry wants credentials for ${IMAGE}: give registryAuth`,
  ],
  [
    "manifest for 127.0.0.1:5000/shop:1 not found: manifest unknown: manifest unknown",
    `there is no image ${IMAGE}: its registry does not know it; check name and tag`,
  ],
  [
    'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    `the registry of ${IMAGE} cannot be reached: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused`,
  ],
  [
    'Get "https://registry.example:5000/v2/": http: server gave HTTP response to HTTPS client',
    `the registry of ${IMAGE} speaks plain HTTP: allow it with "insecure-registries" in the engine's configuration`,
  ],
  [
    "no matching manifest for linux/arm64/v8 in the manifest list entries",
    `image ${IMAGE} is not made for this node's kind of processor`,
  ],
  ["something new", `cannot pull ${IMAGE}: something new`],
];

describe("why a pull failed", () => {
  test.each(CASES)("%s", (text, message) => {
    const error = pullError(new EngineError("answered", text, { status: 500 }), {
      image: IMAGE,
      credentials: undefined,
    });
    expect(error).toMatchObject({ name: "StartError", code: "image", message });
  });

  test("wrong credentials are told from missing ones, and never repeated", () => {
    const text = "Get http://ann:hunter2@127.0.0.1:5000/v2/: unauthorized: authentication required";
    const error = pullError(new EngineError("answered", text, { status: 500 }), {
      image: IMAGE,
      credentials: CREDENTIALS,
    });
    expect(error.message).toBe(
      `the registry refused the credentials for ${IMAGE}: check the username and password of registryAuth`,
    );
  });

  test("credentials in a text that is passed on are blotted out", () => {
    const text = "something new at http://ann:hunter2@127.0.0.1:5000/v2/";
    const error = pullError(new EngineError("answered", text, { status: 500 }), {
      image: IMAGE,
      credentials: CREDENTIALS,
    });
    expect(error.message).toContain("something new");
    expect(`${error.message} ${String(error.cause)}`).not.toContain("hunter2");
  });

  test("silence is the engine's trouble, not the image's", () => {
    const error = pullError(new EngineError("unreachable", "no engine"), { image: IMAGE, credentials: undefined });
    expect(error).toMatchObject({ code: "engine", message: "no engine" });
  });
});
