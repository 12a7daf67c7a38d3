import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { connect } from "../connect.ts";
import { nodeTransport } from "../../client/node-transport.ts";
import { freePort, listening } from "../../../test/support/sockets.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";
import { checkDataDirectory } from "./disk-checks.ts";
import { renderFindings } from "./findings-table.ts";
import { failure, well, type Finding } from "./finding.ts";
import { checkCgroups, checkNode, checkOpenFiles } from "./machine-checks.ts";
import { checkManager } from "./manager-checks.ts";
import { checkPort } from "./port-checks.ts";

const file = temporaryFiles();
const servers: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function verdicts(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
}

describe("the machine", () => {
  test("Node has to be as new as the package says", () => {
    expect(checkNode("24.1.0")).toMatchObject({ verdict: "ok" });
    expect(checkNode("22.9.0")).toMatchObject({ verdict: "fail", detail: "Node 22.9.0" });
  });

  test("few open files are a warning that says how many", () => {
    const limits = (hard: string): string =>
      `Limit  Soft  Hard  Units\nMax open files            1024   ${hard}   files\n`;
    expect(checkOpenFiles(limits("1024"))).toMatchObject({ verdict: "warn", detail: "up to 1024 open files" });
    expect(checkOpenFiles(limits("524288"))).toMatchObject({ verdict: "ok" });
    expect(checkOpenFiles(limits("unlimited"))).toMatchObject({ verdict: "ok" });
  });

  test("control groups of either version will do, and none is a warning", () => {
    const v2 = "30 24 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n";
    expect(checkCgroups(v2)).toMatchObject({ verdict: "ok", detail: "version 2" });
    expect(checkCgroups("")).toMatchObject({ verdict: "warn", detail: "none for cpu and memory" });
  });
});

describe("a data directory", () => {
  test("that is there is looked at, and left as it was", () => {
    mkdirSync(file("own"), { mode: 0o700 });
    const findings = checkDataDirectory("manager", file("own"));
    expect(Object.keys(verdicts(findings))).toEqual([
      "manager data",
      "manager data: file system",
      "manager data: room",
      "manager data: fsync",
    ]);
    expect(findings[3]?.detail).toMatch(/^\d+\.\d ms \(median of 20\), \d+\.\d ms at most$/);
    expect(readdirSync(file("own"))).toEqual([]);
  });

  test("that others can read is a warning with the command that mends it", () => {
    mkdirSync(file("open"));
    chmodSync(file("open"), 0o755);
    expect(checkDataDirectory("worker", file("open"))[0]).toMatchObject({
      verdict: "warn",
      remedy: `chmod 700 ${file("open")}`,
    });
  });

  test("that cannot be made fails", () => {
    const [finding, ...rest] = checkDataDirectory("manager", `${file("plain", "a file")}/below`);
    expect(finding).toMatchObject({ check: "manager data", verdict: "fail" });
    expect(rest).toEqual([]);
  });

  test("in memory is a warning", () => {
    expect(verdicts(checkDataDirectory("manager", "/dev/shm"))).toMatchObject({ "manager data: file system": "warn" });
  });
});

describe("a port", () => {
  test("is free, Birdman's, or somebody else's", async () => {
    expect(await checkPort("manager", await freePort())).toMatchObject({ verdict: "ok" });
    const birdman = createServer((_request, response) => response.end('{"status":"ok"}'));
    const other = createServer((_request, response) => response.end("hello"));
    servers.push(birdman, other);
    expect(await checkPort("manager", await listening(birdman))).toMatchObject({ detail: "Birdman listens there" });
    expect(await checkPort("worker", await listening(other))).toMatchObject({ verdict: "warn" });
  });
});

describe("the manager", () => {
  const at = (port: number, isExpected = true): Promise<readonly Finding[]> => {
    const base = new URL(`http://127.0.0.1:${String(port)}`);
    const client = connect({ manager: base.href });
    const question = { base, client, transport: nodeTransport({ base }), headers: {}, ca: undefined };
    return checkManager({ ...question, isExpected, now: Date.now });
  };

  test("that is not there fails where it was named, and is a warning elsewhere", async () => {
    expect(await at(1)).toMatchObject([{ check: "manager", verdict: "fail" }]);
    const [finding] = await at(1, false);
    expect(finding).toMatchObject({ verdict: "warn", detail: expect.stringContaining("connection refused") });
    expect(finding?.remedy).toContain("birdman manager");
  });

  test.each([
    [-3_600_000, "60m behind this machine's"],
    [3_600_000, "60m ahead of this machine's"],
  ])("whose clock is %i ms off is a warning that says so", async (offset, detail) => {
    const server = createServer((_request, response) => {
      response.setHeader("date", new Date(Date.now() + offset).toUTCString());
      response.end("[]");
    });
    servers.push(server);
    const findings = await at(await listening(server));
    const found = findings.find(({ check }) => check === "manager: clock");
    expect(found).toMatchObject({ verdict: "warn", detail });
  });
});

test("a node whose clock is off is told by its name", async () => {
  const nodes = [
    { name: "w1", status: "ready", clockSkew: -90_000 },
    { name: "w2", status: "lost", clockSkew: 10 },
  ];
  const server = createServer(({ url }, response) => response.end(JSON.stringify(url === "/nodes" ? nodes : {})));
  servers.push(server);
  const base = new URL(`http://127.0.0.1:${String(await listening(server))}`);
  const client = connect({ manager: base.href });
  const question = { base, client, transport: nodeTransport({ base }), headers: {}, ca: undefined };
  expect(await checkManager({ ...question, isExpected: true, now: Date.now })).toMatchObject([
    { check: "manager", verdict: "ok" },
    { check: "manager: clock", verdict: "ok" },
    { check: "manager: access" },
    { check: "nodes", verdict: "warn", detail: "1 of 2 ready: w2 is lost" },
    { check: "node w1: clock", verdict: "warn", detail: "90s behind the manager's" },
  ]);
});

test("the table has a line for each finding, with what to do", () => {
  const text = renderFindings(
    [well("node", "Node 24"), failure("engine", "it hangs", "Restart it.")],
    (_, word) => word,
    undefined,
  );
  expect(text).toBe("RESULT  CHECK   FOUND\nok      node    Node 24\nfail    engine  it hangs. Restart it.\n");
});
