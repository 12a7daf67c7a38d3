/** Asks for a token when the manager does, and keeps it for this tab. */
import { type SyntheticEvent, useState } from "react";
import { Command } from "../components/copy-button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { useConnection } from "../live/live-context.tsx";
import { useObservable } from "./observable.ts";
import { session, signIn } from "./session.ts";

export function TokenDialog() {
  const { access, hasToken } = useObservable(session);
  const connection = useConnection();
  const isRefused = connection.phase === "refused" && connection.code === "unauthorized";
  if (access === "granted" && !isRefused) return null;
  return <TokenForm wasRefused={hasToken} />;
}

function TokenForm({ wasRefused }: { readonly wasRefused: boolean }) {
  const [token, setToken] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (token.trim() !== "") signIn(token.trim());
  };
  return (
    <Dialog title="This manager asks for a token">
      <form className="stack" onSubmit={submit}>
        {wasRefused ? (
          <div className="notice bad" role="alert">
            <span>The manager does not know this token.</span>
          </div>
        ) : null}
        <label>
          Token
          <input
            className="input mono"
            type="password"
            data-first-focus
            autoComplete="off"
            spellCheck={false}
            placeholder="birdman_…"
            value={token}
            aria-invalid={wasRefused}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <p className="muted">
          It is kept in this tab, and forgotten with it. To look on, it needs the scope <code>read</code>; to change
          anything, <code>write</code> as well. Whoever runs the manager makes one:
        </p>
        <Command>birdman token create --scope read,write</Command>
        <div>
          <button type="submit" className="button primary" disabled={token.trim() === ""}>
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  );
}
