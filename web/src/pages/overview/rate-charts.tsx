/** How much happens, and how long it takes: the last five minutes, second by second. */
import { useMemo } from "react";
import { formatDuration } from "../../../../src/utils/durations.ts";
import { formatCount } from "../../components/format.ts";
import { Panel } from "../../components/page.tsx";
import { type Line, TimeChart } from "../../components/time-chart.tsx";
import { useRates } from "../../live/live-context.tsx";
import type { Rates } from "../../live/values.ts";

export function RateCharts() {
  const rates = useRates();
  const times = useMemo(() => rates.map(({ at }) => at), [rates]);
  const throughput = useMemo(() => throughputLines(rates), [rates]);
  const latency = useMemo(() => latencyLines(rates), [rates]);
  return (
    <div className="columns">
      <Panel title="Throughput, tasks a second">
        <TimeChart
          label="Tasks placed, completed and failed a second"
          times={times}
          lines={throughput}
          format={formatCount}
        />
      </Panel>
      <Panel title="Time to a place, and to running">
        <TimeChart
          label="Milliseconds from being accepted to a place, and from there to running"
          times={times}
          lines={latency}
          format={formatDuration}
          atLeast={10}
        />
      </Panel>
    </div>
  );
}

function throughputLines(rates: readonly Rates[]): Line[] {
  return [
    { label: "placed", colour: "--accent", values: rates.map(({ placed }) => placed), isFilled: true },
    { label: "completed", colour: "--state-completed", values: rates.map(({ completed }) => completed) },
    { label: "failed", colour: "--state-failed", values: rates.map(({ failed }) => failed) },
  ];
}

function latencyLines(rates: readonly Rates[]): Line[] {
  return [
    {
      label: "placed, median",
      colour: "--accent",
      values: rates.map(({ placementMs }) => placementMs?.p50 ?? null),
      isSparse: true,
    },
    {
      label: "placed, 99 %",
      colour: "--accent",
      values: rates.map(({ placementMs }) => placementMs?.p99 ?? null),
      isDashed: true,
    },
    {
      label: "running, median",
      colour: "--state-running",
      values: rates.map(({ startMs }) => startMs?.p50 ?? null),
      isSparse: true,
    },
  ];
}
