/** Whether what is shown is how it is: a word in the navigation, and a banner while it is not. */
import { formatDuration } from "../../../src/utils/durations.ts";
import { formatShare } from "../components/format.ts";
import { Clock, useNow } from "../components/moment.tsx";
import { useClusterValue, useConnection } from "../live/live-context.tsx";
import type { Cluster } from "../live/cluster.ts";
import type { Connection } from "../live/values.ts";

const WORDS: Readonly<Record<Exclude<Connection["phase"], "connecting">, string>> = {
  live: "Live",
  stale: "Not connected",
  refused: "No access",
};

export function ConnectionState() {
  const { phase } = useConnection();
  const progress = useClusterValue(progressOf);
  return (
    <p className={`connection ${phase}`} role="status">
      {phase === "connecting" ? progress : WORDS[phase]}
    </p>
  );
}

/** How much of the first snapshot is here. */
function progressOf({ taskCount, expected = 0 }: Cluster): string {
  return expected === 0 ? "Connecting…" : `Loading, ${formatShare(taskCount, expected)}`;
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
