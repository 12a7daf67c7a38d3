import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runLine } from "../../../test/support/run-line.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";
import { joinWords, renderCandidates } from "./candidates.ts";
import { SHELL_SCRIPTS, SHELLS } from "./shell-scripts.ts";

const file = temporaryFiles();

/** As much of a manager as completing asks for. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/nodes": [
    { name: "worker1", status: "ready" },
    { name: "worker2", status: "lost" },
  ],
  "/tasks?state=pending": [],
  "/tasks?state=scheduled": [{ id: "01a1", name: "twin", state: "scheduled", node: "worker1" }],
  "/tasks?state=running": [
    { id: "01a2", name: "twin", state: "running", node: "worker1" },
    { id: "01b3", name: "web:1", state: "running", node: "worker2" },
  ],
  "/tasks?prefix=01a": [
    { id: "01a1", name: "twin", state: "scheduled", node: "worker1" },
    { id: "01a2", name: "twin", state: "running", node: "worker1" },
  ],
};
const server = createServer((request, response) => {
  const answer = ANSWERS[request.url ?? ""];
  response.statusCode = answer === undefined ? 404 : 200;
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer ?? {}));
});
let manager = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  manager = `127.0.0.1:${String(typeof address === "object" ? address?.port : "")}`;
});

afterAll(() => {
  server.close();
});

/** The words before the bar are given, the one behind it is under the cursor. */
async function completed(line: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const words = line.split(" ");
  const { status, out, err } = await runLine(["__complete", "fish", "--", ...words], {
    env: { BIRDMAN_MANAGER: manager, ...env },
  });
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out
    .split("\n")
    .slice(0, -1)
    .map((candidate) => candidate.split("\t")[0] ?? "");
}

describe("at the cursor stands", () => {
  test.each([
    ["sta", ["status", "stats"]],
    ["--v", ["--version"]],
    ["help sta", ["status", "stats"]],
    ["node ", ["list", "show", "drain", "pause", "activate", "remove", "help"]],
    ["node dr", ["drain"]],
    ["node drain ", ["worker1", "worker2"]],
    ["node drain --parallel 2 worker1", ["worker1"]],
    ["node --no", ["--no-color"]],
    ["status --st", ["--state"]],
    ["status --state ", ["pending", "scheduled", "running", "completed", "failed"]],
    ["status --state=ru", ["--state=running"]],
    ["status -o y", ["yaml"]],
    ["status --node ", ["worker1", "worker2"]],
    ["status ", ["web:1"]],
    ["logs -f web:1 w", ["web:1"]],
    ["stop 01a", ["01a1", "01a2"]],
    ["events --task w", ["web:1"]],
    ["run -f ", [":files"]],
    ["run image -- ls ", [":files"]],
    ["run ima", []],
    ["run --restart ", []],
    ["completion ", ["bash", "zsh", "fish"]],
    ["frobnicate ", []],
    ["status --frobnicate=", []],
  ])("%j: %j", async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  test("the names of contexts, and the cluster of the one that is named", async () => {
    const env = { XDG_CONFIG_HOME: file("home") };
    await runLine(["context", "add", "here", "-m", manager], { env });
    await runLine(["context", "add", "away", "-m", "127.0.0.1:1", "--use"], { env });
    expect(await completed("context use ", env)).toEqual(["here", "away", "default"]);
    expect(await completed("status --context h", env)).toEqual(["here"]);
    const nowhere = { ...env, BIRDMAN_MANAGER: "" };
    expect(await completed("node show --context here ", nowhere)).toEqual(["worker1", "worker2"]);
    expect(await completed("node show ", nowhere)).toEqual([]);
  });

  test("nothing, and no error, where the manager or the settings cannot be had", async () => {
    expect(await completed("stop ", { BIRDMAN_MANAGER: "127.0.0.1:1" })).toEqual([]);
    expect(await completed("stop ", { BIRDMAN_OUTPUT: "nonsense" })).toEqual([]);
    expect(await completed("stop --manager ::: ")).toEqual([]);
  });
});

describe("a shell gets", () => {
  const candidates = [{ value: "web:1", about: "running\non worker1" }];

  test("a colon in its own way, and nothing that breaks the line", () => {
    expect(renderCandidates("zsh", candidates, "")).toBe("web\\:1:running\\non worker1\n");
    expect(renderCandidates("fish", candidates, "we")).toBe("web:1\trunning\\non worker1\n");
    expect(renderCandidates("fish", [{ value: "a\nb", about: "" }], "")).toBe("");
  });

  test("of a word that bash has taken apart the last part", () => {
    expect(joinWords("bash", ["status", "--output", "=", "js"])).toEqual(["status", "--output=js"]);
    expect(joinWords("bash", ["stop", "web", ":", ""])).toEqual(["stop", "web:"]);
    expect(joinWords("bash", ["status", "--output", "="])).toEqual(["status", "--output="]);
    expect(joinWords("zsh", ["a", "=", "b"])).toEqual(["a", "=", "b"]);
    expect(renderCandidates("bash", candidates, "web:")).toBe("1\n");
    expect(renderCandidates("bash", [{ value: "--output=json", about: "" }], "--output=js")).toBe("json\n");
  });

  test.each(SHELLS)("its script: %s", async (shell) => {
    expect((await runLine(["completion", shell])).out).toBe(SHELL_SCRIPTS[shell]);
  });

  test("an error that lists them, when there is no such shell", async () => {
    const { status, err } = await runLine(["completion", "tcsh"]);
    expect(status).toBe(2);
    expect(err).toContain("bash, zsh, fish");
  });
});
