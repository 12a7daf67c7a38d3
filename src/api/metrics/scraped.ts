/**
 * Metrics that are worked out while they are scraped and not kept: thousands of series cost nothing in between, and what
 * is gone is gone from the next scrape.
 */
import { Counter, Gauge, type Registry } from "prom-client";

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is exposed of a snapshot under one name. */
export interface Definition<Snapshot> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly samples: (of: Snapshot) => Iterable<Sample>;
}

/** A figure without labels. */
export function single(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

/** A figure for each of the names, under one label. */
export function byLabel(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** 1 for true, as Prometheus has it. */
export function flag(isOn: boolean): readonly Sample[] {
  return single(isOn ? 1 : 0);
}

/** Gauges of the newest snapshot; before there is one, they are empty. */
export class SnapshotGauges<Snapshot> {
  #newest: Snapshot | undefined;

  constructor(registry: Registry, definitions: readonly Definition<Snapshot>[]) {
    for (const definition of definitions) {
      const samples = (): Iterable<Sample> => (this.#newest === undefined ? [] : definition.samples(this.#newest));
      registry.registerMetric(new ScrapedGauge({ ...definition, samples }));
    }
  }

  show(snapshot: Snapshot): void {
    this.#newest = snapshot;
  }
}

type Scraped = Omit<Definition<never>, "samples"> & { readonly samples: () => Iterable<Sample> };
type Values = Awaited<ReturnType<Gauge["get"]>>;

class ScrapedGauge extends Gauge {
  readonly #samples: Scraped["samples"];

  constructor({ name, help, labelNames = [], samples }: Scraped) {
    super({ name, help, labelNames, registers: [] });
    this.#samples = samples;
  }

  override async get(): Promise<Values> {
    return { ...(await super.get()), values: [...this.#samples()] };
  }
}

/** Counts by label values, as cheaply as can be: they become text only when they are scraped. */
export class TallyCounter<Label extends string> extends Counter<Label> {
  readonly #labelNames: readonly Label[];
  readonly #samples = new Map<string, { readonly labels: Readonly<Record<Label, string>>; value: number }>();

  /** Those of `known` are there from the start, so that the first of a kind is seen as an increase. */
  constructor(
    of: { readonly name: string; readonly help: string; readonly labelNames: readonly Label[] },
    known: readonly Readonly<Record<Label, string>>[],
  ) {
    super({ ...of, registers: [] });
    this.#labelNames = of.labelNames;
    for (const labels of known) this.#samples.set(this.#keyOf(labels), { labels, value: 0 });
  }

  /** One more. */
  count(labels: Readonly<Record<Label, string>>): void {
    const key = this.#keyOf(labels);
    const sample = this.#samples.get(key);
    if (sample === undefined) this.#samples.set(key, { labels, value: 1 });
    else sample.value += 1;
  }

  override async get(): Promise<Awaited<ReturnType<Counter<Label>["get"]>>> {
    return { ...(await super.get()), values: [...this.#samples.values()] };
  }

  #keyOf(labels: Readonly<Record<Label, string>>): string {
    let key = "";
    for (const name of this.#labelNames) key += `${labels[name]}\n`;
    return key;
  }
}
