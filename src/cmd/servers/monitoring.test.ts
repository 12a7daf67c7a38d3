/** What the page, the rules and the dashboard say of metrics is what is exposed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  type ExposedMetric,
  type ExposedMetrics,
  exposedMetrics,
  seriesOf,
} from "../../../test/support/exposed-metrics.ts";
import { dashboardQueries } from "../../../test/support/dashboard.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

let exposed: ExposedMetrics;
let own: readonly ExposedMetric[];

beforeAll(async () => {
  exposed = await exposedMetrics();
  const both = new Map([...exposed.manager, ...exposed.worker].map((metric) => [metric.name, metric]));
  own = [...both.values()];
});

/** Names of series in an expression; labels and functions have no such prefix. */
function seriesIn(expression: string): string[] {
  const withoutTexts = expression.replaceAll(/"[^"]*"/g, '""');
  return withoutTexts.match(/\b(?:birdman|nodejs|process)_\w+/g) ?? [];
}

describe("a metric", () => {
  test("has a name of its own part, its unit at the end, and a total where it counts", () => {
    for (const { name, type } of own) {
      expect(name).toMatch(/^birdman_[a-z_]+$/);
      expect([name, type === "counter"]).toEqual([name, name.endsWith("_total")]);
      if (type === "histogram") expect(name).toMatch(/_(seconds|writes)$/);
    }
  });

  test("does not bear the name of a label that discovery gives to its target", () => {
    for (const { name, labels } of own) expect([name, labels.includes("component")]).toEqual([name, false]);
    for (const { name, labels } of exposed.worker) expect([name, labels.includes("node")]).toEqual([name, false]);
  });
});

describe("docs/monitoring.md", () => {
  const rows = Array.from(
    read("docs/monitoring.md").matchAll(/^\| `(\w+)` +\| (counter|gauge|histogram) +\| ([^|]*)\| (.*?) +\|$/gm),
    ([, name = "", type = "", labels = "", help = ""]) => ({ name, type, labels: labels.match(/\w+/g) ?? [], help }),
  );

  test("tells of every metric of Birdman's own, as it is", () => {
    const told = rows.filter(({ name }) => name.startsWith("birdman_"));
    expect(sorted(told)).toEqual(sorted(own));
  });

  test("tells of no process figure that there is not", () => {
    const told = rows.filter(({ name }) => !name.startsWith("birdman_"));
    expect(told.length).toBeGreaterThan(5);
    expect(exposed.process).toEqual(expect.arrayContaining(told));
  });

  test("tells of every alert", () => {
    const told = Array.from(read("docs/monitoring.md").matchAll(/^\| `(Birdman\w+)`/gm), ([, name]) => name);
    expect(told).toEqual(rules().map(({ alert }) => alert));
  });
});

describe("deploy/monitoring", () => {
  test("the rules ask for series that are exposed", () => {
    const names = rules().flatMap(({ expr }) => seriesIn(expr));
    expect(names.length).toBeGreaterThan(10);
    expect(notExposed(names)).toEqual([]);
  });

  test("the dashboard asks for series that are exposed", () => {
    const names = dashboardQueries(read("deploy/monitoring/grafana-dashboard.json")).flatMap(seriesIn);
    expect(names.length).toBeGreaterThan(50);
    expect(notExposed(names)).toEqual([]);
  });

  test("a name that is not exposed would be found", () => {
    expect(notExposed(seriesIn('sum(rate(birdman_made_up_total{job="birdman_tasks"}[5m]))'))).toEqual([
      "birdman_made_up_total",
    ]);
    expect(notExposed(["birdman_scheduling_duration_seconds"])).toHaveLength(1);
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

function rules(): readonly Rule[] {
  const { groups } = parse(read("deploy/monitoring/alerts.yml")) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

function notExposed(names: readonly string[]): string[] {
  const series = seriesOf([...own, ...exposed.process]);
  return names.filter((name) => !series.has(name));
}

function sorted(metrics: readonly ExposedMetric[]): ExposedMetric[] {
  return metrics
    .map(({ name, type, help, labels }) => ({ name, type, help, labels: [...labels] }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
