import { describe, expect, test } from "vitest";
import { runLine } from "../../test/support/run-line.ts";
import { temporaryFiles } from "../../test/support/temporary-files.ts";
import { COMMANDS } from "./command-table.ts";

const VISIBLE = COMMANDS.filter(({ isHidden }) => isHidden !== true);

/** Nothing listens on port 1: whatever gets as far as asking a manager ends with exit status 3. */
const NOWHERE = "127.0.0.1:1";

const file = temporaryFiles();

describe("help", () => {
  test("lists every command, on standard output", async () => {
    const { status, out, err } = await runLine(["--help"]);
    expect(status).toBe(0);
    expect(err).toBe("");
    for (const { name, summary } of VISIBLE) {
      expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
    }
  });

  test.each(VISIBLE.map(({ name }) => name))("of %s has examples", async (name) => {
    const { status, out } = await runLine([name, "--help"]);
    expect(status).toBe(0);
    expect(out).toContain(`Usage: birdman ${name}`);
    if (name !== "token") expect(out).toMatch(new RegExp(`Examples:\\n(.*\\n)*  .*birdman ${name}`));
  });

  test("is found as a command too", async () => {
    expect((await runLine(["help", "status"])).out).toBe((await runLine(["status", "--help"])).out);
  });

  test("goes to standard error when no command is given, as wrong usage", async () => {
    const { status, out, err } = await runLine([]);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("Usage: birdman COMMAND");
  });

  test("the version is that of the package", async () => {
    const { status, out } = await runLine(["--version"]);
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("wrong usage ends with 2 and says what there is", () => {
  test.each([
    [["statsu"], "unknown command 'statsu'", "status"],
    [["frobnicate"], "unknown command 'frobnicate'", "commands: dev, manager, worker, run, stop"],
    [["status", "--outptu", "json"], "unknown option '--outptu' (did you mean --output?)", "--manager, --token"],
    [["status", "-o", "xml"], "'xml' is invalid", "table, json, yaml"],
    [["status", "a", "b"], "unexpected argument 'b'", "[task]"],
    [["status", "--state", "runing"], "'runing' is invalid", "running, completed, failed (did you mean running?)."],
    [["completion", "bsh"], "'bsh' is invalid", "(did you mean bash?)"],
    [["status", "--context", "x", "-m", "y"], "--context and --manager together", ""],
    [["logs"], "give a TASK", "-l"],
    [["logs", "-o", "json", "x"], "is text", ""],
    [["top", "--interval", "1ms"], "'1ms' is invalid", "100ms"],
    [["events", "--since", "yesterday"], "'yesterday' is invalid", "10m"],
    [["node", "drian"], "unknown command 'drian' (did you mean drain?)", "list, show, drain, pause, activate, remove"],
    [["node", "drain"], "missing required argument 'node'", "birdman node drain --help"],
    [["stop"], "missing required argument 'task'", "birdman stop --help"],
    [["manager", "--scheduler", "gredy"], 'no scheduler "gredy"', "(did you mean greedy?)"],
    [["manager", "--store", "etcd"], "'etcd' is invalid", "memory, persistent"],
    [["manager", "--db-type", "etcd"], "'etcd' is invalid", "memory, persistent"],
    [["manager", "--cost-use", "all"], "'all' is invalid", "measured, reserved"],
    [["manager", "--port", "70000"], "'70000' is invalid", "0 to 65535"],
    [["manager", "--host", "0.0.0.0"], "--host 0.0.0.0 can be reached from other machines", "--insecure"],
    [["manager", "--tls-key", "key.pem"], "--tls-key needs --tls-cert", ""],
    [["worker", "--runtime", "doker"], "no runtime 'doker' (did you mean docker?)", "docker, process, hollow"],
    [["worker", "--port-range", "9-1"], "'9-1' is invalid", "20000-32000"],
    [["worker", "--name", "a\u001bb"], "--name", "letters, digits"],
    [["worker", "--label", "ssd"], "'ssd' is invalid", "key=value"],
    [["worker", "--allow-path", "data"], "'data' is invalid", "absolute path"],
    [["worker", "--advertise", "host.example"], "--advertise host.example is not", "--publish-address"],
    [["dev", "--workers", "0"], "'0' is invalid", "1 to 100"],
    [["run"], "nothing to run", "IMAGE"],
    [["run", "--", "sleep", "1"], "a command without an image", "--runtime process"],
    [["run", "nginx", "sleep", "1"], "unexpected argument 'sleep'", "after --"],
    [["run", "nginx", "-f", "x.json"], "an image or a command and -f together", ""],
    [["run", "-f", "x.json", "--cpu", "1"], "--cpu and -f together", ""],
    [["run", "nginx", "-p", "99999:80"], "'99999:80' is invalid", "8080:80"],
    [["run", "nginx", "--memory", "lots"], "'lots' is invalid", "512MiB"],
    [["run", "nginx", "--restart", "sometimes"], "'sometimes' is invalid", "on-failure"],
    [["run", "nginx", "-e", "NOT_SET_HERE"], "'NOT_SET_HERE' is invalid", "KEY=VALUE"],
    [["token", "create"], "--scope", "read,write,exec,node"],
    [["token", "create", "--scope", "raed"], "no scope 'raed' (did you mean read?)", "read, write, exec, node"],
    [["status", "--manager", "http://"], "is no address of a manager", "HOST:PORT"],
    [["status", "--ca-cert", "/nonexistent.pem"], "cannot read --ca-cert", "/nonexistent.pem"],
  ])("%j", async (args, ...words) => {
    const { status, out, err } = await runLine(args);
    expect(err).toMatch(/^birdman: /);
    for (const word of words) expect(err).toContain(word);
    expect(err).not.toContain("\u001b");
    expect(out).toBe("");
    expect(status).toBe(2);
  });
});

test("a manager that is not there ends with 3, the address and what to do", async () => {
  const { status, out, err } = await runLine(["status", "--manager", NOWHERE]);
  expect(status).toBe(3);
  expect(out).toBe("");
  expect(err).toContain("http://127.0.0.1:1: connection refused");
  expect(err).toContain("birdman manager");
});

describe("a flag that is not given", () => {
  const tried = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await runLine(["status", ...args], { env })).err.split("\n")[0] ?? "";

  test("is taken from the environment, then from the config file, then from the defaults", async () => {
    const config = file("order.yaml", "manager: 127.0.0.1:3\n");
    expect(await tried(["-m", "127.0.0.1:1", "--config", config], { BIRDMAN_MANAGER: "127.0.0.1:2" })).toContain(
      "127.0.0.1:1",
    );
    expect(await tried(["--config", config], { BIRDMAN_MANAGER: "127.0.0.1:2" })).toContain("127.0.0.1:2");
    expect(await tried(["--config", config])).toContain("127.0.0.1:3");
    expect(await tried([], { BIRDMAN_CONFIG: config })).toContain("127.0.0.1:3");
  });

  test("may stand in a file of JSON, under either spelling", async () => {
    const config = file("spelling.json", JSON.stringify({ manager: NOWHERE, caCert: "/nonexistent.pem" }));
    expect(await tried(["--config", config])).toContain("/nonexistent.pem");
  });

  test("an empty variable counts as none", async () => {
    expect(await tried(["-m", NOWHERE], { BIRDMAN_OUTPUT: "" })).toContain("connection refused");
  });

  test("what a variable or a file says is checked like a flag, and named", async () => {
    expect(await tried([], { BIRDMAN_OUTPUT: "xml" })).toMatch(/BIRDMAN_OUTPUT: 'xml' is invalid.*table, json, yaml/);
    expect(await tried([], { BIRDMAN_NO_COLOR: "perhaps" })).toMatch(
      /BIRDMAN_NO_COLOR: 'perhaps' is invalid.*true or false/,
    );
    expect(await tried(["--config", file("value.yaml", "output: xml")])).toMatch(
      /output in .*value.yaml: 'xml' is invalid/,
    );
    expect(await tried(["--config", file("list.yaml", "output: [json, yaml]")])).toContain("one value is expected");
  });

  test("a switch may be turned off by a variable", async () => {
    const { err } = await runLine(["manager", "--host", "0.0.0.0"], { env: { BIRDMAN_INSECURE: "false" } });
    expect(err).toContain("can be reached from other machines");
  });

  test("an unknown key of the file is an error that lists the valid ones", async () => {
    const { status, err } = await runLine(["status", "--config", file("key.yaml", "managre: x")]);
    expect(status).toBe(2);
    expect(err).toContain("unknown setting 'managre'");
    expect(err).toContain("(did you mean manager?)");
    expect(err).toContain("state, node, name, label, limit");
  });

  test("what all commands share may stand in a file for any of them", async () => {
    const config = file("shared.yaml", "manager: 127.0.0.1:1\noutput: json\nscheduler: nonsense\n");
    const { err } = await runLine(["manager", "--config", config]);
    expect(err).toContain('no scheduler "nonsense"');
  });

  test.each([
    ["missing.yaml", undefined, "cannot read the config file"],
    ["broken.yaml", "a: [", "is not valid YAML"],
    ["broken.json", '{"a": }', "is not valid JSON"],
    ["list-only.yaml", "- a", "must be one map"],
  ])("a config file that is %s is named", async (name, text, words) => {
    const path = text === undefined ? file(name) : file(name, text);
    const { status, err } = await runLine(["status", "--config", path]);
    expect(status).toBe(2);
    expect(err).toContain(words);
    expect(err).toContain(name);
  });

  test("what is set for a worker does not reach a task", async () => {
    const env = { BIRDMAN_CPU: "nonsense", BIRDMAN_NAME: "worker 1" };
    expect((await runLine(["run", "nginx", "-m", NOWHERE], { env })).status).toBe(3);
    expect((await runLine(["run", "nginx", "-m", NOWHERE], { env: { BIRDMAN_RUN_CPU: "nonsense" } })).status).toBe(2);
  });
});

describe("token create", () => {
  test("shows the token once, and adds what knows it to the file", async () => {
    const path = file("tokens");
    const { status, out, err } = await runLine(["token", "create", "--scope", "read,write", "--token-file", path]);
    expect(status).toBe(0);
    expect(err).toBe("");
    expect(out).toMatch(/^birdman_[\w-]{43}\n$/);
    const { TokenSet } = await import("../api/access.ts");
    const { readFileSync, statSync } = await import("node:fs");
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain(out.trim());
    expect(TokenSet.parse(text).scopesOf(out.trim())).toEqual(new Set(["read", "write"]));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("without a file prints the line for it apart from the token", async () => {
    const { out, err } = await runLine(["token", "create", "--scope", "node"]);
    expect(out).toMatch(/^birdman_\S+\n$/);
    expect(err).toMatch(/\nsha256:[0-9a-f]{64} node /);
  });
});
