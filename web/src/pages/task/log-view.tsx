/** A task's output, live: follow, search, pause, download. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { counted } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { type Choice, Segmented } from "../../components/segmented.tsx";
import { messageOf, showFailure } from "../../components/toasts.tsx";
import { useClient } from "../../live/live-context.tsx";
import { download } from "./download.ts";
import type { LogLine } from "./log-lines.ts";
import { type Logs, type LogSource, sourceFlags, useLogs } from "./use-logs.ts";

interface LogViewProps {
  readonly id: string;
  readonly name: string;
  /** Changes with whatever makes it another output. */
  readonly run: string;
}

const SOURCES: readonly Choice<LogSource>[] = [
  { value: "all", label: "Both" },
  { value: "stdout", label: "stdout" },
  { value: "stderr", label: "stderr" },
];

export function LogView({ id, name, run }: LogViewProps) {
  const client = useClient();
  const [source, setSource] = useState<LogSource>("all");
  const [timestamps, setTimestamps] = useState(false);
  const [typed, setTyped] = useState("");
  const [held, setHeld] = useState<Logs>();
  const logs = useLogs({ id, source, timestamps, run });
  const shown = held ?? logs;
  const lines = useMemo(() => linesWith(shown.lines, typed), [shown.lines, typed]);
  return (
    <section className="panel logs" aria-label="Output">
      <div className="toolbar logs-bar">
        <SearchField
          label="Show only lines with"
          placeholder="Show only lines with…"
          value={typed}
          onChange={setTyped}
        />
        <Segmented label="Output" choices={SOURCES} value={source} onChange={setSource} />
        <label className="checkbox">
          <input type="checkbox" checked={timestamps} onChange={(event) => setTimestamps(event.target.checked)} />
          Times
        </label>
        <span className="spacer" />
        <button type="button" className="button" onClick={() => setHeld(held === undefined ? logs : undefined)}>
          <Icon name={held === undefined ? "pause" : "play"} />
          {held === undefined ? "Pause" : "Go on"}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            download(`${name}.log`, client.logs(id, { timestamps, ...sourceFlags(source) })).catch(showFailure);
          }}
        >
          <Icon name="download" />
          Download
        </button>
      </div>
      {lines.length === 0 ? (
        <NoLines logs={shown} typed={typed} />
      ) : (
        <Lines lines={lines} typed={typed} isHeld={held !== undefined} />
      )}
      <div className="logs-foot" role="status">
        <span>
          {counted(lines.length, "line")}
          {typed === "" ? "" : ` of ${String(shown.lines.length)}`}
        </span>
        <span>{held === undefined ? PHASES[logs.phase] : "paused; nothing is lost"}</span>
      </div>
    </section>
  );
}

const PHASES = {
  opening: "opening…",
  following: "following",
  ended: "it has ended",
  failed: "not to be had now",
} as const;

function linesWith(lines: readonly LogLine[], typed: string): readonly LogLine[] {
  if (typed === "") return lines;
  const wanted = typed.toLowerCase();
  return lines.filter(({ text }) => text.toLowerCase().includes(wanted));
}

function NoLines({ logs: { phase, error, lines }, typed }: { readonly logs: Logs; readonly typed: string }) {
  if (lines.length > 0) return <EmptyState title="No line fits">None of the lines here has “{typed}”.</EmptyState>;
  if (phase === "failed") return <EmptyState title="No output to be had">{messageOf(error)}</EmptyState>;
  return <EmptyState title={phase === "ended" ? "It wrote nothing" : "It has written nothing yet"} />;
}

interface LinesProps {
  readonly lines: readonly LogLine[];
  readonly typed: string;
  readonly isHeld: boolean;
}

const LINE_PX = 18;
const OVERSCAN = 30;
/** This near to the end counts as at the end. */
const NEAR_PX = 40;

function Lines({ lines, typed, isHeld }: LinesProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => lines[index]?.number ?? index,
  });
  const newest = lines.at(-1)?.number;
  useEffect(() => {
    if (isAtEnd && !isHeld) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [isAtEnd, isHeld, newest, lines.length, virtualizer]);
  return (
    <div
      className="logs-scroll"
      ref={scroll}
      tabIndex={0}
      role="log"
      aria-label="Lines"
      aria-live="off"
      onWheel={(event) => {
        if (event.deltaY < 0) setAtEnd(false);
      }}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        const toEnd = scrollHeight - clientHeight - scrollTop;
        if (toEnd < NEAR_PX) setAtEnd(true);
        else if (toEnd > clientHeight) setAtEnd(false);
      }}
    >
      <div className="logs-lines" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            className="logs-line"
            data-index={index}
            ref={virtualizer.measureElement}
            style={{ transform: `translateY(${String(start)}px)` }}
          >
            {marked(lines[index]?.text ?? "", typed)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The text with what was searched for marked in it. */
function marked(text: string, typed: string): ReactNode {
  if (typed === "") return text;
  const [wanted, lower] = [typed.toLowerCase(), text.toLowerCase()];
  const parts: ReactNode[] = [];
  let end = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, end)) {
    parts.push(text.slice(end, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    end = at + wanted.length;
  }
  return [...parts, text.slice(end)];
}
