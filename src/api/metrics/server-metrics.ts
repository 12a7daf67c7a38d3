/** What a server exposes of itself, and how that becomes text in Prometheus' format. */
import { setImmediate } from "node:timers/promises";
import { Gauge, Registry } from "prom-client";
import { processMetrics } from "./process-metrics.ts";

export interface ServerMetrics {
  readonly registry: Registry;
  /** Looks at what is only looked at for a scrape. */
  readonly refresh: () => Promise<void>;
}

/** A registry for one server, which says what release it is. */
export function serverRegistry(version: string): Registry {
  const registry = new Registry();
  new Gauge({
    name: "birdman_build_info",
    help: "Always 1: which release this is",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
  return registry;
}

export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Others get their turn after so many characters: a few milliseconds. */
const CHARACTERS_A_TURN = 64 * 1024;

/** All metrics of the server and of its process, as text. */
export async function exposition({ registry, refresh }: ServerMetrics): Promise<string> {
  await refresh();
  const parts: string[] = [];
  let sinceTurn = 0;
  for (const each of [registry, processMetrics()]) {
    for (const { name } of each.getMetricsAsArray()) {
      const part = await each.getSingleMetricAsString(name);
      parts.push(part);
      sinceTurn += part.length;
      if (sinceTurn < CHARACTERS_A_TURN) continue;
      sinceTurn = 0;
      await setImmediate();
    }
  }
  return `${parts.join("\n")}\n`;
}
