/** A placement explained: what each node would cost and of what the cost is made, and what keeps the task from the others. */
import { Link } from "wouter";
import type { PlacementJson } from "../../../src/api/placement-json.ts";
import { nodeHref } from "../app/pages.ts";
import { counted, formatCount } from "./format.ts";
import { Icon } from "./icon.tsx";
import "./verdicts.css";

type VerdictsProps = Pick<PlacementJson, "considered" | "costs" | "rejected" | "rejectedBy" | "wouldFitIf"> & {
  readonly chosen: string | null;
};

export function Verdicts({ considered, chosen, costs, rejected, rejectedBy, wouldFitIf }: VerdictsProps) {
  return (
    <div className="verdicts">
      {wouldFitIf === null ? null : (
        <p className="notice warning">
          <span>
            It would fit with <strong>{wouldFitIf}</strong>.
          </span>
        </p>
      )}
      {costs.length === 0 ? null : <Costs chosen={chosen} costs={costs} />}
      {rejected.length === 0 ? null : (
        <details open={costs.length === 0}>
          <summary>
            {counted(totalOf(rejected, considered, costs.length), "node")} would not do{reasonsInShort(rejectedBy)}
          </summary>
          <Rejected rejected={rejected} />
        </details>
      )}
    </div>
  );
}

/** How many nodes were rejected: of many, the answer names those that come nearest. */
function totalOf(rejected: VerdictsProps["rejected"], considered: number, costed: number): number {
  return costed === 0 ? Math.max(rejected.length, considered) : rejected.length;
}

function reasonsInShort(rejectedBy: VerdictsProps["rejectedBy"]): string {
  const reasons = Object.entries(rejectedBy).sort(([, a], [, b]) => b - a);
  return reasons.length === 0
    ? ""
    : `: ${reasons.map(([filter, count]) => `${filter} (${formatCount(count)})`).join(", ")}`;
}

function Costs({ chosen, costs }: Pick<VerdictsProps, "chosen" | "costs">) {
  const most = Math.max(...costs.map(({ cost }) => cost), Number.MIN_VALUE);
  return (
    <div className="table-wrap">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Cost, lower is better</th>
            <th scope="col">Made of</th>
          </tr>
        </thead>
        <tbody>
          {costs.map(({ node, cost, terms }) => (
            <tr key={node} className={node === chosen ? "chosen" : undefined}>
              <td>
                <Link href={nodeHref(node)}>{node}</Link>
                {node === chosen ? (
                  <>
                    {" "}
                    <Icon name="check" />
                    <span className="visually-hidden">chosen</span>
                  </>
                ) : null}
              </td>
              <td className="number">
                {FIGURES.format(cost)}
                <span className="cost-bar" style={{ width: `${String(Math.max(0, (100 * cost) / most))}%` }} />
              </td>
              <td className="terms number">
                {Object.entries(terms)
                  .map(([term, part]) => `${term} ${FIGURES.format(part)}`)
                  .join(" + ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Rejected({ rejected }: Pick<VerdictsProps, "rejected">) {
  return (
    <div className="table-wrap">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">What is in the way</th>
          </tr>
        </thead>
        <tbody>
          {rejected.map(({ node, filters }) => (
            <tr key={node}>
              <td>
                <Link href={nodeHref(node)}>{node}</Link>
              </td>
              <td>
                <ul className="reason-list">
                  {filters.map(({ filter, message }) => (
                    <li key={filter}>{message}</li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FIGURES = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
