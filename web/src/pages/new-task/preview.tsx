/** Where the task would go and why, worked out by the manager's own scheduler while it is being written. */
import type { FieldError } from "../../../../src/api/problems.ts";
import type { PlansJson, PlannedPlacementJson } from "../../../../src/api/plan-json.ts";
import { ClientError } from "../../../../src/client/client-error.ts";
import { usePlan } from "../../app/queries.ts";
import { counted } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Panel } from "../../components/page.tsx";
import { messageOf } from "../../components/toasts.tsx";
import { Verdicts } from "../../components/verdicts.tsx";

interface PreviewProps {
  /** The task as JSON; undefined while it is not one. */
  readonly json: string | undefined;
  readonly errors: readonly FieldError[];
}

export function Preview({ json, errors }: PreviewProps) {
  const plan = usePlan(json === undefined ? undefined : `{"tasks":${json}}`);
  const room = usePlan(json === undefined ? undefined : `{"tasks":${json},"capacity":true}`);
  return (
    <Panel title="Where it would go" className="preview">
      <div className="stack" aria-live="polite">
        {errors.length > 0 ? <Errors errors={errors} /> : null}
        {errors.length === 0 && json === undefined ? <p className="muted">Write what shall run.</p> : null}
        {json === undefined || errors.length > 0 ? null : (
          <>
            {plan.error === null ? null : <Errors errors={errorsIn(plan.error)} />}
            {plan.data === undefined || plan.error !== null ? null : <Planned plans={plan.data} room={room.data} />}
          </>
        )}
      </div>
    </Panel>
  );
}

/** What the manager says is wrong, field by field where it says so. Paths are from the task, not from the question. */
export function errorsIn(error: unknown): readonly FieldError[] {
  const errors = error instanceof ClientError ? (error.problem?.errors ?? []) : [];
  if (errors.length === 0) return [{ path: "", message: messageOf(error) }];
  return errors.map(({ path, message }) => ({ path: path.replace(/^\/tasks/, ""), message }));
}

export function Errors({ errors }: { readonly errors: readonly FieldError[] }) {
  return (
    <ul className="error-list">
      {errors.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          {path === "" ? null : <strong className="mono">{path.slice(1)} </strong>}
          {message}
        </li>
      ))}
    </ul>
  );
}

function Planned({ plans: { plans }, room }: { readonly plans: PlansJson; readonly room: PlansJson | undefined }) {
  const placements = plans[0]?.placements ?? [];
  const [first] = placements;
  if (first === undefined) return <p className="muted">Nothing would be placed.</p>;
  if (placements.length > 1) return <Many placements={placements} />;
  return (
    <>
      <Outcome placement={first} />
      <Room room={room} />
      {first.explanation === null ? null : <Verdicts {...first.explanation} chosen={first.to} />}
    </>
  );
}

function Outcome({ placement: { to, reason } }: { readonly placement: PlannedPlacementJson }) {
  if (to === null) {
    return (
      <div className="notice warning">
        <span>
          <strong>It would wait:</strong> {reason}
        </span>
      </div>
    );
  }
  return (
    <p className="would-go">
      <Icon name="check" />
      <span>
        On <strong>{to}</strong>
      </span>
    </p>
  );
}

function Room({ room }: { readonly room: PlansJson | undefined }) {
  const capacity = room?.plans[0]?.capacity[0];
  if (capacity === undefined) return null;
  const { total } = capacity;
  return <p className="muted">There is room for {total === null ? "any number" : counted(total, "task")} like it.</p>;
}

function Many({ placements }: { readonly placements: readonly PlannedPlacementJson[] }) {
  const nodes = new Map<string, number>();
  for (const { to } of placements) nodes.set(to ?? "", (nodes.get(to ?? "") ?? 0) + 1);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" className="end">
            Tasks
          </th>
        </tr>
      </thead>
      <tbody>
        {[...nodes].map(([node, count]) => (
          <tr key={node}>
            <td>{node === "" ? "would wait" : node}</td>
            <td className="end">{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
