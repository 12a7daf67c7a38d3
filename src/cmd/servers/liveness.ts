/** The manager's timings from its flags, and whether they go together. */
import type { ManagerHostOptions } from "../../manager/manager-host.ts";
import { formatDuration } from "../../utils/durations.ts";
import { UsageError } from "../errors.ts";
import type { LivenessOptions } from "../server-options.ts";

/** Throws a UsageError when one that has to be the longer is not. */
export function livenessOf(options: LivenessOptions): NonNullable<ManagerHostOptions["settings"]> {
  const { heartbeat, lease, unreachableAfter, lostAfter, leftAfter, brakeAfter, calm, calmMost } = options;
  const orders: readonly (readonly [shorter: string, ms: number, longer: string, ms: number])[] = [
    ["--heartbeat", heartbeat, "--unreachable-after", unreachableAfter],
    ["--heartbeat", heartbeat, "--lease", lease],
    ["--unreachable-after", unreachableAfter, "--lost-after", lostAfter],
    ["--calm", calm, "--calm-most", calmMost],
  ];
  for (const [shorter, shortMs, longer, longMs] of orders) {
    if (shortMs < longMs) continue;
    throw new UsageError(
      `${longer} (${formatDuration(longMs)}) has to be longer than ${shorter} (${formatDuration(shortMs)})`,
    );
  }
  return {
    heartbeatMs: heartbeat,
    leaseMs: lease,
    unreachableMs: unreachableAfter,
    lostMs: lostAfter,
    leftMs: leftAfter,
    brakeMs: brakeAfter,
    calmMs: calm,
    calmMaxMs: calmMost,
  };
}
