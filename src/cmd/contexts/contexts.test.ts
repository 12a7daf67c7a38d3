import { mkdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runLine } from "../../../test/support/run-line.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";

const file = temporaryFiles();
let homes = 0;

/** A user who has no contexts yet. */
function newUser() {
  const home = file(`home${String((homes += 1))}`);
  const path = `${home}/birdman/contexts.json`;
  const env = { XDG_CONFIG_HOME: home };
  const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}, stdin = "") =>
    runLine(args, { env: { ...env, ...more }, stdin });
  return { path, run };
}

describe("birdman context", () => {
  test("without any is the default", async () => {
    const { run } = newUser();
    expect((await run(["context"])).out).toMatch(/^CURRENT +NAME +MANAGER.*\n\* +default +localhost:8080 +- +-\n$/);
  });

  test("adds, uses, shows and removes, and keeps tokens to itself", async () => {
    const { path, run } = newUser();
    expect(await run(["context", "add", "prod", "-m", "https://prod:1", "--token", "s3cret"])).toMatchObject({
      status: 0,
      out: "prod\n",
      err: "",
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await run(["context", "add", "staging", "-m", "staging:1", "--token", "-"], {}, "other\n")).status).toBe(0);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      current: "prod",
      contexts: {
        prod: { manager: "https://prod:1", token: "s3cret" },
        staging: { manager: "staging:1", token: "other" },
      },
    });
    expect((await run(["context", "use", "staging"])).out).toBe("staging\n");
    const shown = await run(["context", "show", "-o", "json"]);
    expect(JSON.parse(shown.out)).toEqual({
      name: "staging",
      current: true,
      manager: "staging:1",
      hasToken: true,
      caCert: null,
    });
    const list = await run(["context", "list"]);
    expect(list.out).toMatch(/^ +prod +https:\/\/prod:1 +yes/m);
    expect(list.out + shown.out).not.toMatch(/s3cret|other/);
    const removed = await run(["context", "remove", "staging"]);
    expect(removed).toMatchObject({ status: 0, out: "staging\n" });
    expect(removed.err).toContain("none is in use now");
    expect((await run(["context", "show"])).out).toMatch(/^Name: +default$/m);
  });

  test.each([
    [["add", "prod", "-m", "elsewhere"], 1, "already a context 'prod'; --replace"],
    [["add", "default", "-m", "x"], 2, "choose another name"],
    [["add", "a b", "-m", "x"], 2, "letters, digits"],
    [["add", "new"], 2, "--manager HOST:PORT"],
    [["add", "new", "-m", "x", "--ca-cert", "/nonexistent.pem"], 2, "cannot read --ca-cert"],
    [["use", "prdo"], 2, "there is no context 'prdo'"],
    [["use", "prdo"], 2, "(did you mean prod?); there are prod, default"],
    [["remove", "constructor"], 2, "there is no context 'constructor'"],
    [["remove", "default"], 2, "stays"],
    [["shwo"], 2, "(did you mean show?)"],
  ])("%j ends with %d", async (args, status, words) => {
    const { run } = newUser();
    await run(["context", "add", "prod", "-m", "prod:1"]);
    const ran = await run(["context", ...args]);
    expect(ran.err).toContain(words);
    expect(ran).toMatchObject({ status, out: "" });
  });

  test.each([
    ["{", "is not valid JSON"],
    ['{"contexts": {"a": {}}}', "does not hold contexts"],
  ])("a file that holds %s is named, with the remedy", async (text, words) => {
    mkdirSync(file("broken/birdman"), { recursive: true });
    const path = file("broken/birdman/contexts.json", text);
    const { status, err } = await runLine(["status"], { env: { XDG_CONFIG_HOME: file("broken") } });
    expect(status).toBe(2);
    expect(err).toContain(`${path} ${words}`);
    expect(err).toContain("remove it");
  });
});

describe("the manager that is asked", () => {
  /** Nothing listens there; the error names the address that was tried. */
  const tried = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { run } = newUser();
    await run(["context", "add", "one", "-m", "127.0.0.1:1"]);
    await run(["context", "add", "two", "-m", "127.0.0.1:2"]);
    for (const [name, text] of Object.entries(configs)) file(name, text);
    const line = args.map((word) => (Object.hasOwn(configs, word) ? file(word) : word));
    const { err } = await run(["status", ...line], env);
    return /127\.0\.0\.1:\d/.exec(err)?.[0] ?? err;
  };
  const configs = { "manager.yaml": "manager: 127.0.0.1:5\n", "context.yaml": "context: two\n" };

  test.each([
    ["the context in use", [], {}, "1"],
    ["a context that is named", ["--context", "two"], {}, "2"],
    ["a context named by the environment", [], { BIRDMAN_CONTEXT: "two" }, "2"],
    ["a context named by the config file", ["--config", "context.yaml"], {}, "2"],
    ["the config file's before the context in use", ["--config", "manager.yaml"], {}, "5"],
    [
      "the environment's before the config file's",
      ["--config", "manager.yaml"],
      { BIRDMAN_MANAGER: "127.0.0.1:4" },
      "4",
    ],
    [
      "a context of the environment before a config file",
      ["--config", "manager.yaml"],
      { BIRDMAN_CONTEXT: "two" },
      "2",
    ],
    [
      "a context of the command line before the environment",
      ["--context", "two"],
      { BIRDMAN_MANAGER: "127.0.0.1:4" },
      "2",
    ],
    ["the command line's before all", ["-m", "127.0.0.1:3"], { BIRDMAN_CONTEXT: "two" }, "3"],
  ] as const)("is %s", async (...[, args, env, port]) => {
    expect(await tried(args, env)).toBe(`127.0.0.1:${port}`);
  });

  test("is one: --context and --manager contradict each other", async () => {
    expect(await tried(["--context", "two", "-m", "x"])).toContain("--context and --manager together");
  });

  test("gets the token of its own context and no other", async () => {
    const { createServer } = await import("node:http");
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "application/json").end("[]");
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const here = `127.0.0.1:${String(typeof address === "object" ? address?.port : "")}`;
    try {
      const { run } = newUser();
      await run(["context", "add", "own", "-m", here, "--token", "own-token"]);
      await run(["context", "add", "other", "-m", "127.0.0.1:1", "--token", "other-token", "--use"]);
      expect((await run(["node", "--context", "own"])).status).toBe(0);
      expect((await run(["node", "-m", here])).status).toBe(0);
      expect((await run(["node"], { BIRDMAN_MANAGER: here })).status).toBe(0);
      expect((await run(["node", "--context", "own", "--token", "given"])).status).toBe(0);
      expect(seen).toEqual(["Bearer own-token", undefined, undefined, "Bearer given"]);
    } finally {
      server.close();
    }
  });
});
