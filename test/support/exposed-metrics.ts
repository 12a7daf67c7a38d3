/** Every metric that a manager and a worker expose, as their servers have registered them. */
import type { Registry } from "prom-client";
import { processMetrics } from "../../src/api/metrics/process-metrics.ts";
import { ManagerApi } from "./manager-api.ts";
import { WorkerApi } from "./worker-api.ts";

export interface ExposedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface ExposedMetrics {
  readonly manager: readonly ExposedMetric[];
  readonly worker: readonly ExposedMetric[];
  /** Of both. */
  readonly process: readonly ExposedMetric[];
}

export async function exposedMetrics(): Promise<ExposedMetrics> {
  await using manager = ManagerApi.starting();
  await using worker = new WorkerApi();
  return {
    manager: metricsOf(manager.metrics.registry),
    worker: metricsOf(worker.metrics.registry),
    process: metricsOf(processMetrics()),
  };
}

function metricsOf(registry: Registry): ExposedMetric[] {
  // The declarations leave the labels out.
  return registry.getMetricsAsArray().map((metric) => {
    const { name, type, help, labelNames } = metric as unknown as Omit<ExposedMetric, "labels"> & {
      readonly labelNames: readonly string[];
    };
    return { name, type, help, labels: labelNames };
  });
}

/** The series that Prometheus keeps of the metrics. */
export function seriesOf(metrics: readonly ExposedMetric[]): ReadonlySet<string> {
  return new Set(
    metrics.flatMap(({ name, type }) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}
