/** One of a few words, side by side: radio buttons in the shape of a switch. */
import { type ReactNode, useId } from "react";
import "./controls.css";

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  readonly count?: number;
}

interface SegmentedProps<Value extends string> {
  /** What is chosen here, for those who do not see it. */
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

export function Segmented<Value extends string>({ label, choices, value, onChange }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <fieldset className="segmented" aria-label={label}>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.label}
          {choice.count === undefined ? null : <span className="count">{choice.count.toLocaleString("en")}</span>}
        </label>
      ))}
    </fieldset>
  );
}
