/** How much of a capacity is reserved, as a bar, and how much is in use, as a mark on it. */
import { formatAmount, formatPart, formatShare, type ResourceName } from "./format.ts";
import "./meter.css";

interface MeterProps {
  readonly resource: ResourceName;
  readonly reserved: number;
  readonly capacity: number;
  /** Undefined where nothing has been measured. */
  readonly used: number | undefined;
}

/** Beyond this share there is hardly room for another task. */
const TIGHT = 0.9;

export function Meter({ resource, reserved, capacity, used }: MeterProps) {
  const share = shareOf(reserved, capacity);
  return (
    <span
      className={share > TIGHT ? "meter tight" : "meter"}
      role="img"
      aria-label={meterWords({ resource, reserved, capacity, used })}
      title={meterWords({ resource, reserved, capacity, used })}
    >
      <span className="reserved" style={{ width: `${String(100 * share)}%` }} />
      {used === undefined ? null : (
        <span className="used" style={{ left: `calc(${String(100 * shareOf(used, capacity))}% - 1px)` }} />
      )}
    </span>
  );
}

/** The bar with its share in figures, for tables. */
export function MeterLine(meter: MeterProps) {
  return (
    <span className="meter-line">
      <Meter {...meter} />
      <span aria-hidden="true">{formatShare(meter.reserved, meter.capacity)}</span>
    </span>
  );
}

function meterWords({ resource, reserved, capacity, used }: MeterProps): string {
  const measured = used === undefined ? "" : `, ${formatAmount(resource, used)} used`;
  return `${formatPart(resource, reserved, capacity)} reserved${measured}`;
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}
