/** The engines of these tests themselves: whatever becomes of a test, nothing of them stays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";

const WAIT = { timeout: 60_000, interval: 50 };

/** A test that starts an engine with a container, says where, and never ends. */
const TEST = `
  import { startDockerd } from ${JSON.stringify(new URL("../support/engines.ts", import.meta.url).href)};
  const { docker, dockerHost } = await startDockerd();
  const container = await docker.createContainer({ Image: "busybox:local", Cmd: ["sleep", "1000"] });
  await container.start();
  console.log(dockerHost);
  setInterval(() => {}, 1000);
`;

test("an engine whose test is killed is ended, with its containers, its network and its files", async () => {
  const killed = spawn(process.execPath, ["--input-type=module", "--eval", TEST], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: killed.stdout }), "line")) as [string];
  const directory = line.replace("unix://", "").replace("/engine.sock", "");
  const bridge = `/sys/class/net/bd-${directory.slice(-6)}`;
  expect(processesOf(directory)).not.toBe(0);
  expect(existsSync(bridge)).toBe(true);
  killed.kill("SIGKILL");
  await vi.waitFor(() => {
    expect(processesOf(directory)).toBe(0);
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(bridge)).toBe(false);
  }, WAIT);
});

/** How many processes name the directory in their command line. */
function processesOf(directory: string): number {
  const commandLines = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return ""; // ended meanwhile
      }
    });
  return commandLines.filter((commandLine) => commandLine.includes(directory)).length;
}
