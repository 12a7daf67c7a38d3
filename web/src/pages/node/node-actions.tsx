/** What can be done with a node: pause, drain, activate, remove; each asks first, and a drain shows what would move. */
import { useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { persistently } from "../../app/persistently.ts";
import { usePlan } from "../../app/queries.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { MovesPreview } from "../../components/plan-view.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { showSuccess } from "../../components/toasts.tsx";
import { useClient } from "../../live/live-context.tsx";
import type { LiveNode } from "../../live/values.ts";

const ASKS = ["active", "pause", "drain", "remove"] as const;
type Ask = (typeof ASKS)[number];

const BUTTONS = {
  active: { icon: "play", label: "Activate" },
  pause: { icon: "pause", label: "Pause" },
  drain: { icon: "drain", label: "Drain" },
  remove: { icon: "remove", label: "Remove" },
} as const;

export function NodeActions({ node }: { readonly node: LiveNode }) {
  const [search, setSearch] = useSearchParams();
  const ask = ASKS.find((each) => each === search.get("ask"));
  const setAsk = (next: Ask | undefined) => setSearch(next === undefined ? {} : { ask: next }, { replace: true });
  const isAway = node.status === "lost" || node.status === "left";
  const possible = ASKS.filter((each) => (each === "remove" ? isAway : each !== node.availability));
  return (
    <>
      {possible.map((each) => (
        <button
          key={each}
          type="button"
          className={each === "remove" ? "button danger" : "button"}
          onClick={() => setAsk(each)}
        >
          <Icon name={BUTTONS[each].icon} />
          {BUTTONS[each].label}
        </button>
      ))}
      {ask === undefined ? null : <AskDialog ask={ask} node={node} onClose={() => setAsk(undefined)} />}
    </>
  );
}

interface AskProps {
  readonly node: LiveNode;
  readonly onClose: () => void;
}

function AskDialog({ ask, ...props }: AskProps & { readonly ask: Ask }) {
  switch (ask) {
    case "drain":
      return <DrainDialog {...props} />;
    case "remove":
      return <RemoveDialog {...props} />;
    case "active":
    case "pause":
      return <AvailabilityDialog availability={ask} {...props} />;
  }
}

function AvailabilityDialog({
  availability,
  node: { name },
  onClose,
}: AskProps & { readonly availability: "active" | "pause" }) {
  const client = useClient();
  const isPause = availability === "pause";
  return (
    <ConfirmDialog
      title={`${isPause ? "Pause" : "Activate"} ${name}?`}
      verb={isPause ? "Pause" : "Activate"}
      onClose={onClose}
      onConfirm={async () => {
        await persistently(async () => client.setAvailability(name, { availability }));
        showSuccess(isPause ? `${name} takes no new tasks` : `${name} takes tasks again`);
      }}
    >
      <p>{isPause ? "It gets no new tasks. What runs there runs on." : "It gets new tasks again."}</p>
    </ConfirmDialog>
  );
}

function DrainDialog({ node: { name }, onClose }: AskProps) {
  const client = useClient();
  const [parallel, setParallel] = useState(1);
  const plan = usePlan(JSON.stringify({ drain: [name] }));
  return (
    <ConfirmDialog
      title={`Drain ${name}?`}
      verb="Drain"
      wide
      onClose={onClose}
      onConfirm={async () => {
        await persistently(async () => client.setAvailability(name, { availability: "drain", parallel }));
        showSuccess(`${name} is being drained`);
      }}
    >
      <p>
        It gets no new tasks, and those it has move to other nodes, a few at a time: each stops here and starts there.
      </p>
      <QueryState query={plan}>{(plans) => <MovesPreview plans={plans} />}</QueryState>
      <label className="toolbar">
        Tasks that move at a time
        <input
          className="input"
          type="number"
          min={1}
          max={10_000}
          value={parallel}
          style={{ width: "5rem" }}
          onChange={(event) => setParallel(Math.max(1, Math.trunc(event.target.valueAsNumber) || 1))}
        />
      </label>
    </ConfirmDialog>
  );
}

function RemoveDialog({ node: { name }, onClose }: AskProps) {
  const client = useClient();
  const [, navigate] = useLocation();
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      verb="Remove"
      isDangerous
      onClose={onClose}
      onDone={() => navigate("/nodes")}
      onConfirm={async () => {
        await client.removeNode(name);
        showSuccess(`${name} is removed`);
      }}
    >
      <p>The manager forgets the node. Should its worker come back, it joins as a new one.</p>
    </ConfirmDialog>
  );
}
