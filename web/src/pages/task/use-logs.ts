/** A task's output as it comes: the last lines first, then whatever follows, until the component goes. */
import { useEffect, useState } from "react";
import { followPersistently } from "../../app/persistently.ts";
import { useClient } from "../../live/live-context.tsx";
import { type LogLine, LogLines, withLines } from "./log-lines.ts";

export type LogSource = "all" | "stdout" | "stderr";

export interface LogQuestion {
  readonly id: string;
  readonly source: LogSource;
  readonly timestamps: boolean;
  /** Whatever makes it another output: another attempt, another start. */
  readonly run: string;
}

export interface Logs {
  readonly lines: readonly LogLine[];
  readonly phase: "opening" | "following" | "ended" | "failed";
  readonly error: unknown;
}

const LAST_LINES = 2000;
/** Lines are shown together that come within this time. */
const GATHER_MS = 100;

const NOTHING: Logs = { lines: [], phase: "opening", error: undefined };

/** Which of the two outputs, as the API takes it. */
export function sourceFlags(source: LogSource): { readonly stdout?: boolean; readonly stderr?: boolean } {
  return source === "all" ? {} : { stdout: source === "stdout", stderr: source === "stderr" };
}

export function useLogs({ id, source, timestamps, run }: LogQuestion): Logs {
  const client = useClient();
  const [logs, setLogs] = useState(NOTHING);
  useEffect(() => {
    const stopped = new AbortController();
    let waiting: LogLine[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (end: Partial<Logs> = {}) => {
      clearTimeout(timer);
      timer = undefined;
      const fresh = waiting;
      waiting = [];
      setLogs((before) => ({ ...before, phase: "following", ...end, lines: withLines(before.lines, fresh) }));
    };
    const follow = async () => {
      waiting = [];
      setLogs(NOTHING);
      const lines = new LogLines();
      const filter = { follow: true, tail: LAST_LINES, timestamps, ...sourceFlags(source) };
      for await (const chunk of client.logs(id, filter, { signal: stopped.signal })) {
        waiting.push(...lines.take(chunk));
        timer ??= setTimeout(flush, GATHER_MS);
      }
      waiting.push(...lines.end());
      flush({ phase: "ended" });
    };
    followPersistently(follow, stopped.signal).catch((error: unknown) => {
      if (!stopped.signal.aborted) flush({ phase: "failed", error });
    });
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [client, id, source, timestamps, run]);
  return logs;
}
