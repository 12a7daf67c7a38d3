/** What can be done with a task: stop it, start it anew; both ask first. */
import { Link, useSearchParams } from "wouter";
import type { TaskJson } from "../../../../src/api/task-json.ts";
import { persistently } from "../../app/persistently.ts";
import { randomKey } from "../../app/random-key.ts";
import { NEW_TASK } from "../../app/pages.ts";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { showSuccess } from "../../components/toasts.tsx";
import { useClient } from "../../live/live-context.tsx";

export function TaskActions({ task }: { readonly task: TaskJson }) {
  const client = useClient();
  const [search, setSearch] = useSearchParams();
  const { id, name, state, desired } = task;
  const hasEnded = state === "completed" || state === "failed";
  const ask = hasEnded ? null : search.get("ask");
  const setAsk = (next: "stop" | "restart" | undefined) =>
    setSearch(next === undefined ? {} : { ask: next }, { replace: true });
  return (
    <>
      <Link href={`${NEW_TASK}?like=${encodeURIComponent(id)}`} className="button">
        <Icon name="copy" />
        {hasEnded ? "Run again" : "One more like it"}
      </Link>
      {hasEnded ? null : (
        <>
          <button type="button" className="button" onClick={() => setAsk("restart")} disabled={desired === "stop"}>
            <Icon name="restart" />
            Restart
          </button>
          <button type="button" className="button danger" onClick={() => setAsk("stop")} disabled={desired === "stop"}>
            <Icon name="stop" />
            {desired === "stop" ? "Stopping" : "Stop"}
          </button>
        </>
      )}
      {ask === "stop" ? (
        <ConfirmDialog
          title={`Stop ${name}?`}
          verb="Stop"
          isDangerous
          onClose={() => setAsk(undefined)}
          onConfirm={async () => {
            await persistently(async () => client.stop(id));
            showSuccess(`${name} is being stopped`);
          }}
        >
          <p>It is asked to end, and ended after its stop timeout. It does not run again.</p>
        </ConfirmDialog>
      ) : null}
      {ask === "restart" ? (
        <ConfirmDialog
          title={`Restart ${name}?`}
          verb="Restart"
          onClose={() => setAsk(undefined)}
          onConfirm={async () => {
            const idempotencyKey = randomKey();
            await persistently(async () => client.restart(id, { idempotencyKey }));
            showSuccess(`${name} is being restarted`);
          }}
        >
          <p>It is stopped and placed again, as a new attempt; that may be on another node.</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
