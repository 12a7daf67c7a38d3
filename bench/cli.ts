/** How long a cold client command takes, from the shell's point of view, on the bundle that users install. */
import { spawnSync } from "node:child_process";
import { COMMANDS, TestCluster } from "../test/support/birdman-process.ts";
import { atMost, type Benchmark } from "./bench.ts";
import { buildBundle } from "./bundle.ts";

const RUNS = 15;
const LIMIT_MS = 100;
/** Of a completion: a shell's prompt waits for it. */
const COMPLETION_LIMIT_MS = 150;

export const cli: Benchmark = {
  name: "cli",
  what: "a cold `birdman status`, and a completion, against a manager on loopback",
  async run(say) {
    await buildBundle();
    const cluster = await TestCluster.start({ program: "bundle", manager: ["--store", "memory"] });
    try {
      await cluster.post("/tasks", { name: "waiting", image: "echo" });
      const manager = `127.0.0.1:${String(cluster.port)}`;
      const bundled = times([...COMMANDS.bundle, "status", "--manager", manager]);
      const checkout = times([...COMMANDS.checkout, "status", "--manager", manager]);
      const completion = times([...COMMANDS.bundle, "__complete", "bash", "--", "stop", "-m", manager, "w"]);
      say(`${String(RUNS)} runs each after a warm-up`);
      return [
        atMost("cold birdman status, bundled", bundled, { unit: "ms", limit: LIMIT_MS }),
        atMost("cold birdman status, from a checkout", checkout, { unit: "ms", limit: LIMIT_MS }),
        atMost("completion of a task's name, bundled", completion, { unit: "ms", limit: COMPLETION_LIMIT_MS }),
      ];
    } finally {
      await cluster.close();
    }
  },
};

function times([command = "", ...args]: readonly string[]): number[] {
  const measured: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
    const took = performance.now() - start;
    if (status !== 0 || !stdout.includes("waiting")) throw new Error(`birdman status failed: ${stderr}`);
    if (run > 0) measured.push(took);
  }
  return measured;
}
