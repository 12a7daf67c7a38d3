/** What a plan says would become of tasks that have to go: how many find a place, where, and which do not. */
import { Link } from "wouter";
import type { PlannedPlacementJson, PlansJson } from "../../../src/api/plan-json.ts";
import { taskHref } from "../app/pages.ts";
import { counted, listed } from "./format.ts";

/** More would be no preview. */
const MOST_SHOWN = 100;

export function MovesPreview({ plans: { plans, notes } }: { readonly plans: PlansJson }) {
  const [plan] = plans;
  const placements = plan?.placements ?? [];
  return (
    <>
      <p>
        <strong>{movesInShort(placements)}</strong>
      </p>
      {notes.map((note) => (
        <div className="notice warning" key={note}>
          <span>{note}</span>
        </div>
      ))}
      {placements.length === 0 ? null : (
        <div className="table-wrap">
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">Goes to</th>
                <th scope="col" className="wide-only">
                  Why
                </th>
              </tr>
            </thead>
            <tbody>
              {placements.slice(0, MOST_SHOWN).map((placement, index) => (
                <MoveRow key={placement.task.id ?? index} placement={placement} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {placements.length > MOST_SHOWN ? <p className="muted">and {placements.length - MOST_SHOWN} more</p> : null}
    </>
  );
}

function MoveRow({ placement: { task, to, outcome, reason } }: { readonly placement: PlannedPlacementJson }) {
  return (
    <tr>
      <td>{task.id === null ? task.name : <Link href={taskHref(task.id)}>{task.name ?? task.id}</Link>}</td>
      <td>{to ?? <span className="muted">{OUTCOMES[outcome]}</span>}</td>
      <td className="muted wide-only">{reason}</td>
    </tr>
  );
}

const OUTCOMES = { placed: "placed", waits: "would wait", stays: "stays here", ends: "ends anyway" } as const;

/** `6 tasks would have to go: 5 find another place, 1 stays, since it fits nowhere else.` */
function movesInShort(placements: readonly PlannedPlacementJson[]): string {
  if (placements.length === 0) return "No task would have to go.";
  const count = (outcome: PlannedPlacementJson["outcome"]): number =>
    placements.filter((placement) => placement.outcome === outcome).length;
  const parts = [
    { count: count("placed"), words: "would be placed elsewhere" },
    { count: count("stays"), words: "would stay, fitting nowhere else" },
    { count: count("waits"), words: "would wait for room" },
    { count: count("ends"), words: "would end anyway" },
  ].filter((part) => part.count > 0);
  return `${counted(placements.length, "task")} would have to go: ${listed(parts.map((part) => `${String(part.count)} ${part.words}`))}.`;
}
