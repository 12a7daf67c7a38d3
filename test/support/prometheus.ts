/** A Prometheus of Debian's on loopback, with a data directory of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "./birdman-process.ts";

export interface Target {
  readonly scrapeUrl: string;
  readonly health: "up" | "down" | "unknown";
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

export interface TestPrometheus {
  targets(): Promise<readonly Target[]>;
  /** The names of its alert rules. */
  rules(): Promise<readonly string[]>;
  /** The first value that the expression has now; undefined when it has none. Rejects when it is no expression. */
  value(expression: string): Promise<number | undefined>;
  end(): Promise<void>;
}

export interface PrometheusFiles {
  readonly port: number;
  /** A file. */
  readonly config: string;
  /** A directory. */
  readonly data: string;
}

/** Resolves once it is ready. */
export async function startPrometheus({ port, config, data }: PrometheusFiles): Promise<TestPrometheus> {
  const address = `127.0.0.1:${String(port)}`;
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=${address}`,
    "--log.level=warn",
  ];
  const child = spawn("prometheus", flags, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));

  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { status, data: answer, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error ?? status}`);
    return answer;
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };

  try {
    await until("Prometheus", async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus ended:\n${output}`);
      return (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok;
    });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async targets() {
      const { activeTargets } = await ask<{ activeTargets: Target[] }>("targets?state=active");
      return activeTargets;
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: { name: string }[] }[] }>("rules?type=alert");
      return groups.flatMap(({ rules }) => rules.map(({ name }) => name));
    },
    async value(expression) {
      const { result } = await ask<{ result: { value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(expression)}`,
      );
      const value = result[0]?.value[1];
      return value === undefined ? undefined : Number(value);
    },
    end,
  };
}
