/** The manager holds back, since too many nodes fell silent together: says so, and lets it go on. */
import { useState } from "react";
import { persistently } from "../../app/persistently.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Ago } from "../../components/moment.tsx";
import { showSuccess } from "../../components/toasts.tsx";
import { useClient } from "../../live/live-context.tsx";
import type { Totals } from "../../live/values.ts";

export function BrakeNotice({ brake: { since, reason } }: { readonly brake: NonNullable<Totals["brake"]> }) {
  const client = useClient();
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="notice warning">
      <span>
        <strong role="alert">The brake is on.</strong> {reason} It was put on <Ago at={since} />: no task is placed anew
        for these nodes' silence until half of them are back.
      </span>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Release the brake
      </button>
      {isAsking ? (
        <ConfirmDialog
          title="Release the brake?"
          verb="Release"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await persistently(async () => client.releaseBrake());
            showSuccess("The brake is off");
          }}
        >
          <p>
            The manager then takes the silent nodes for lost, and places their tasks elsewhere. Do so when these
            machines are really gone, not when it is the manager's own network that failed.
          </p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
