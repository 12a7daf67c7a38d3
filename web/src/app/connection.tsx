/** Whether what is shown is how it is: a word in the navigation, and a banner while it is not. */
import { formatDuration } from "../../../src/utils/durations.ts";
import { formatShare } from "../components/format.ts";
import { Clock, useNow } from "../components/moment.tsx";
import { useConnection } from "../live/live-context.tsx";
import type { Connection } from "../live/values.ts";

export function ConnectionState() {
  const connection = useConnection();
  return (
    <p className={`connection ${connection.phase}`} role="status">
      {wordsFor(connection)}
    </p>
  );
}

function wordsFor(connection: Connection): string {
  switch (connection.phase) {
    case "connecting":
      return connection.expected === undefined || connection.expected === 0
        ? "Connecting…"
        : `Loading, ${formatShare(connection.received, connection.expected)}`;
    case "live":
      return "Live";
    case "stale":
      return "Not connected";
    case "refused":
      return "No access";
  }
}

export function ConnectionBanner() {
  const connection = useConnection();
  if (connection.phase === "stale") return <StaleBanner {...connection} />;
  if (connection.phase === "refused" && connection.code === "scope_missing") {
    return (
      <div className="notice bad" role="alert">
        <span>{connection.problem}</span>
      </div>
    );
  }
  return null;
}

function StaleBanner({ since, problem }: { readonly since: number; readonly problem: string }) {
  const now = useNow();
  return (
    <div className="notice warning">
      <span>
        <strong role="alert">The manager does not answer.</strong> What you see is from <Clock at={since} />,{" "}
        {formatDuration(Math.max(0, now - since))} old. Tasks run on without it. It is being tried again: {problem}.
      </span>
    </div>
  );
}
