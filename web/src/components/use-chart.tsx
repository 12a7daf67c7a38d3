/** What a task or a node uses over time, beside what it may use. */
import { useEffect, useMemo } from "react";
import { formatSize } from "../../../src/utils/sizes.ts";
import { formatCores } from "./format.ts";
import { type Line, TimeChart } from "./time-chart.tsx";
import { useNow } from "./moment.tsx";
import { recordUse, type UseSample, useHistory } from "./use-history.ts";

interface UseChartsProps {
  /** Of what it is, for as long as the page is open: `node worker1`. */
  readonly of: string;
  readonly used: { readonly cpu: number; readonly memory: number } | undefined;
  readonly reserved: { readonly cpu: number; readonly memory: number };
}

export function UseCharts({ of, used, reserved }: UseChartsProps) {
  // A value that stays the same is a measurement, too.
  const now = useNow();
  useEffect(() => {
    if (used !== undefined) recordUse(of, used);
  }, [of, used, now]);
  const samples = useHistory(of);
  const times = useMemo(() => samples.map(({ at }) => at), [samples]);
  const cpu = useMemo(() => linesOf(samples, "cpu", reserved.cpu), [samples, reserved.cpu]);
  const memory = useMemo(() => linesOf(samples, "memory", reserved.memory), [samples, reserved.memory]);
  if (samples.length === 0) return <p className="muted">Nothing has been measured yet.</p>;
  return (
    <div className="columns">
      <div>
        <h3>CPU, cores</h3>
        <TimeChart label={`Cores used by ${of}`} times={times} lines={cpu} format={formatCores} atLeast={0.05} />
      </div>
      <div>
        <h3>Memory</h3>
        <TimeChart
          label={`Memory used by ${of}`}
          times={times}
          lines={memory}
          format={formatSize}
          atLeast={2 ** 20}
          isBinary
        />
      </div>
    </div>
  );
}

function linesOf(samples: readonly UseSample[], resource: "cpu" | "memory", reserved: number): Line[] {
  return [
    { label: "used", colour: "--accent", values: samples.map((sample) => sample[resource]), isFilled: true },
    { label: "reserved", colour: "--text-muted", values: samples.map(() => reserved), isDashed: true },
  ];
}
