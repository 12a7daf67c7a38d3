import type { Paint, Style } from "../terminal/paint.ts";
import { renderTable } from "../terminal/table.ts";
import type { Finding, Verdict } from "./finding.ts";

const STYLES: Readonly<Record<Verdict, Style>> = { ok: "green", warn: "yellow", fail: "red" };

export function renderFindings(findings: readonly Finding[], paint: Paint, width: number | undefined): string {
  return renderTable(
    [
      {
        heading: "RESULT",
        value: ({ verdict }) => verdict,
        paint: (cell, { verdict }) => paint(STYLES[verdict], cell),
      },
      { heading: "CHECK", value: ({ check }) => check },
      {
        heading: "FOUND",
        value: ({ detail, remedy }) => (remedy === null ? detail : `${detail}. ${remedy}`),
        shrinkTo: 30,
        wraps: true,
      },
    ],
    findings,
    width,
  );
}
