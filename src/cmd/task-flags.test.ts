import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addTaskFlags, documentOf, type TaskFlags } from "./task-flags.ts";

function parse(...args: readonly string[]): TaskFlags {
  const command = new Command("run").exitOverride().configureOutput({ writeErr: () => undefined });
  addTaskFlags(command, { HOME: "/root" });
  return command.parse(args, { from: "user" }).opts();
}

describe("the flags of run", () => {
  test("become the document that the manager takes", () => {
    const flags = parse(
      ...["--name", "web", "-e", "A=1", "-e", "B=x=y", "-e", "HOME", "-p", "8080:80", "-p", "53/udp", "-p", "443"],
      ...[
        "-l",
        "tier=web",
        "-v",
        "data:/data",
        "-v",
        "/srv:/srv:ro",
        "--cpu",
        "0.5",
        "--memory",
        "64MiB",
        "--disk",
        "1GB",
      ],
      ...[
        "--constraint",
        "label.disk == ssd",
        "--constraint",
        "node != w3",
        "--restart",
        "on-failure:5",
        "--health",
        "/up",
      ],
      ...["--pull", "always"],
    );
    expect(documentOf("nginx", ["nginx", "-g", "daemon off;"], flags)).toEqual({
      name: "web",
      image: "nginx",
      command: ["nginx", "-g", "daemon off;"],
      env: { A: "1", B: "x=y", HOME: "/root" },
      ports: [{ container: 80, host: 8080 }, { container: 53, protocol: "udp" }, { container: 443 }],
      labels: { tier: "web" },
      volumes: [
        { source: "data", target: "/data" },
        { source: "/srv", target: "/srv", readOnly: true },
      ],
      cpu: 0.5,
      memory: 67_108_864,
      disk: 1_000_000_000,
      constraints: ["label.disk == ssd", "node != w3"],
      restart: { policy: "on-failure", attempts: 5 },
      health: { http: { path: "/up" } },
      pull: "always",
    });
  });

  test("leave to the manager what is not said", () => {
    expect(documentOf("nginx", [], parse())).toEqual({ image: "nginx" });
    expect(documentOf(undefined, ["sleep", "1"], parse("--runtime", "process"))).toEqual({
      runtime: "process",
      command: ["sleep", "1"],
    });
  });

  test.each([
    ["-p", "0:0"],
    ["-p", "80:"],
    ["-p", "80:80/sctp"],
    ["-p", "127.0.0.1:80:80"],
    ["-v", "data"],
    ["-v", "data:relative"],
    ["-v", "data:/x:rx"],
    ["--restart", "always:3"],
    ["--health", "health"],
    ["-l", "=x"],
    ["-e", "=x"],
  ])("refuse %s %s", (flag, value) => {
    expect(() => parse(flag, value)).toThrow(`'${value}' is invalid`);
  });
});
