/** Completion in the shells themselves, against a running cluster, and what a terminal looks like after the live screen. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BirdmanProcess, startBirdman, until } from "../support/birdman-process.ts";
import { ensurePrograms } from "../support/packages.ts";

const BIN = join(import.meta.dirname, "../../bin");

let dev: BirdmanProcess;
let home: string;
let env: Record<string, string | undefined>;
const terminals: ChildProcess[] = [];

beforeAll(async () => {
  await ensurePrograms({ bash: "bash", zsh: "zsh", fish: "fish", script: "bsdutils" });
  home = mkdtempSync(join(tmpdir(), "birdman-shells-"));
  dev = startBirdman(["dev", "--workers", "2", "--port", "0", "--worker-port", "0", "--runtime", "hollow"]);
  const manager = await until("dev to start", () => /birdman dev \S+: (http:\S+), 2 workers/.exec(dev.output())?.[1]);
  env = {
    ...{ ...process.env, BIRDMAN_MANAGER: manager, HOME: home, TERM: "xterm", XDG_CONFIG_HOME: undefined },
    PATH: `${BIN}:${process.env["PATH"] ?? ""}`,
  };
  await until("both workers", () => run("birdman", "node").split("ready").length === 3);
  run("birdman", "run", "--runtime", "hollow", "--name", "echo:1", "--wait", "x");
}, 300_000);

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.kill("SIGKILL");
});

afterAll(async () => {
  await dev.end("SIGINT");
  rmSync(home, { recursive: true });
});

function run(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { env, encoding: "utf8", timeout: 30_000 }).stdout;
}

interface Terminal {
  readonly shown: () => string;
  /** The same without what moves, colours and rings. */
  readonly text: () => string;
  readonly type: (text: string) => void;
  readonly child: ChildProcess;
}

function textOf(shown: string): string {
  return stripVTControlCharacters(shown).replaceAll("\u0007", "");
}

/** A program on a terminal of its own, what is on it, and hands to type with. */
function onTerminal(command: string): Terminal {
  const child = spawn("script", ["-qfec", command, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  terminals.push(child);
  let shown = "";
  child.stdout.on("data", (data: Buffer) => (shown += data.toString()));
  return { shown: () => shown, text: () => textOf(shown), type: (text) => void child.stdin.write(text), child };
}

describe("a shell that has loaded our completion", () => {
  test.each([
    ["bash", "bash --norc --noprofile -i", "source <(birdman completion bash)"],
    ["zsh", "zsh -f -i", "autoload -U compinit; compinit -u -D; source <(birdman completion zsh)"],
  ])("%s: commands, names of nodes, flags and their values", async (_shell, command, setUp) => {
    const { text, type } = onTerminal(command);
    type(`${setUp}; echo re''ady\r`);
    await until("the shell", () => text().includes("ready\r"));
    const typed = async (keys: string, then: RegExp): Promise<void> => {
      const before = text().length;
      type(keys);
      await until(`${String(then)} after ${JSON.stringify(keys)}`, () => then.test(text().slice(before)));
    };
    await typed("birdman node sh\t", /show $/);
    await typed("w\t", /worker/);
    await typed("1 --out\t", /--output/);
    await typed("js\t", /json/);
    await typed("\r", /"name": "worker1"/);
    await typed("birdman status --output=ya\t", /yaml/);
    await typed("\r", /name: echo:1/);
    await typed("birdman status ec\t", /ho.{0,9}1/);
    await typed("\r", /State: /);
  });

  test("bash offers files where a file is wanted, and none where a task is", async () => {
    const { text, type } = onTerminal("bash --norc --noprofile -i");
    type(`source <(birdman completion bash); cd ${home}; touch somefile.yaml; echo re''ady\r`);
    await until("the shell", () => text().includes("ready\r"));
    type("birdman run -f some\t");
    await until("the file", () => text().endsWith("somefile.yaml "));
    type("\u0015birdman stop some\t|\r");
    await until("no file", () => text().includes("stop some|"));
  });

  test("fish: the same, with what they mean", () => {
    const complete = (line: string): string =>
      run("fish", "--no-config", "-c", `birdman completion fish | source; complete -C "${line}"`);
    expect(complete("birdman sta")).toBe(
      "stats\ttotals of the cluster and the use of each node\nstatus\tlist the tasks, or show one\n",
    );
    expect(complete("birdman node drain w")).toBe("worker1\tready\nworker2\tready\n");
    expect(complete("birdman status --output=y")).toContain("--output=yaml");
    expect(complete("birdman logs ")).toMatch(/^echo:1\trunning on worker\d\n$/);
    expect(complete(`birdman run -f ${home}/`)).not.toContain("echo:1");
  });
});

describe("birdman top on a terminal", () => {
  const LEFT = /\u001b\[\?25h\u001b\[\?1049l/;

  test.each([
    ["q", (_pid: string, type: (text: string) => void) => type("q"), "status 0"],
    ["Ctrl-C", (_pid: string, type: (text: string) => void) => type("\u0003"), "status 0"],
    ["SIGTERM", (pid: string) => void process.kill(Number(pid), "SIGTERM"), "status 143"],
    ["SIGHUP", (pid: string) => void process.kill(Number(pid), "SIGHUP"), "status 129"],
  ])("gives it back as it was on %s", async (_how, end, status) => {
    const { shown, type, child } = onTerminal(
      `sh -c 'stty cols 80 rows 24; sh -c "echo pid \\$\\$; exec birdman top"; echo status $?; stty -a'`,
    );
    await until("the screen", () => shown().includes("q quit"));
    expect(shown()).toMatch(/\u001b\[\?1049h/);
    expect(shown()).not.toMatch(LEFT);
    end(/pid (\d+)/.exec(shown())?.[1] ?? "", type);
    await once(child, "close");
    expect(shown()).toMatch(LEFT);
    const after = shown().slice(shown().search(LEFT));
    expect(after).toContain(status);
    expect(after).toMatch(/ icanon /);
    expect(after).toMatch(/ echo /);
  });

  test("is printed once where the output is none", () => {
    const out = run("birdman", "top");
    expect(out).not.toContain("\u001b");
    expect(out).toMatch(/^worker1 +ready/m);
    expect(out).toMatch(/^echo:1 +running/m);
    expect(JSON.parse(run("birdman", "top", "-o", "json"))).toMatchObject({
      stats: { scheduler: "epvm" },
      nodes: [{}, {}],
      tasks: [{}],
    });
  });
});
