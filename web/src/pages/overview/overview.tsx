/** The first page: what runs, what is wrong and why, how much room there is, and how fast things go. */
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "wouter";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatCount, formatPart, RESOURCES } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Meter } from "../../components/meter.tsx";
import { Ago } from "../../components/moment.tsx";
import { Page, Panel } from "../../components/page.tsx";
import { NodeBadge, TaskBadge } from "../../components/badge.tsx";
import { useCluster, useConnection, useTotals } from "../../live/live-context.tsx";
import type { Totals } from "../../live/values.ts";
import { loadedPersistently } from "../../app/persistently.ts";
import { nodeHref, taskHref } from "../../app/pages.ts";
import { attention, type Concern } from "./attention.ts";
import { BrakeNotice } from "./brake-notice.tsx";
import { RateCharts } from "./rate-charts.tsx";
import "./overview.css";

// The page is there before the first event is.
const EventFeed = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../events/event-feed.tsx"))).EventFeed,
}));
const NO_FILTER = {};

export function Overview() {
  const totals = useTotals();
  const { phase } = useConnection();
  const { nodes, tasks } = totals;
  const isEmpty = phase === "live" && Object.values(nodes).every((count) => count === 0);
  return (
    <Page title="Overview">
      {totals.brake === undefined ? null : <BrakeNotice brake={totals.brake} />}
      {isEmpty ? (
        <Panel title="Begin here">
          <EmptyState title="No node has joined yet" command={`birdman worker --manager ${location.host}`}>
            A worker on each machine runs the tasks. Start one there:
          </EmptyState>
        </Panel>
      ) : null}
      <Tiles totals={totals} />
      <div className="overview-columns">
        <AttentionPanel />
        <Panel title="Capacity" actions={<span className="muted small">placed by {totals.scheduler}</span>}>
          <Capacity totals={totals} />
        </Panel>
      </div>
      <RateCharts />
      <Panel title="Latest events" actions={<Link href="/events">All events</Link>} flush>
        <Suspense fallback={<p className="loading">Loading…</p>}>
          <EventFeed filter={NO_FILTER} />
        </Suspense>
      </Panel>
      {isEmpty || tasks.running + tasks.pending + tasks.scheduled > 0 ? null : (
        <Panel title="Tasks">
          <EmptyState title="Nothing runs yet" command="birdman run birdman/echo:latest --name echo -p 7777">
            Start a task <Link href="/tasks/new">in a form</Link>, or from a terminal:
          </EmptyState>
        </Panel>
      )}
    </Page>
  );
}

function Tiles({ totals: { tasks, nodes } }: { readonly totals: Totals }) {
  const away = nodes.unreachable + nodes.lost;
  const all = nodes.ready + away;
  return (
    <div className="tiles">
      <Tile href="/tasks?state=running" label="Running" figure={tasks.running} colour="--state-running" />
      <Tile href="/tasks?state=scheduled" label="Starting" figure={tasks.scheduled} colour="--state-scheduled" />
      <Tile
        href="/tasks?state=pending"
        label="Waiting for a place"
        figure={tasks.pending}
        colour="--state-pending"
        mood={tasks.pending > 0 ? "waiting" : ""}
      />
      <Tile
        href="/tasks?state=failed"
        label="Failed"
        figure={tasks.failed}
        colour="--state-failed"
        mood={tasks.failed > 0 ? "alarming" : ""}
      />
      <Tile href="/tasks?state=completed" label="Completed" figure={tasks.completed} colour="--state-completed" />
      <Tile
        href="/nodes"
        label="Nodes ready"
        figure={nodes.ready}
        colour="--accent"
        note={away > 0 ? `of ${formatCount(all)}, ${formatCount(away)} away` : undefined}
        mood={away > 0 ? "alarming" : ""}
      />
    </div>
  );
}

interface TileProps {
  readonly href: string;
  readonly label: string;
  readonly figure: number;
  readonly colour: string;
  readonly note?: ReactNode;
  readonly mood?: "" | "alarming" | "waiting";
}

function Tile({ href, label, figure, colour, note, mood = "" }: TileProps) {
  return (
    <Link href={href} className={`tile ${mood}`}>
      <span className="tile-label">
        <span className="dot" style={{ background: `var(${colour})` }} />
        {label}
      </span>
      <span className="tile-figure">{formatCount(figure)}</span>
      {note === undefined ? null : <span className="tile-note">{note}</span>}
    </Link>
  );
}

function AttentionPanel() {
  const { concerns, more } = attention(useCluster(500));
  return (
    <Panel title="Needs attention" flush>
      {concerns.length === 0 ? (
        <p className="all-well">
          <Icon name="check" />
          Nothing: all that should run does.
        </p>
      ) : (
        <ul className="attention">
          {concerns.map((concern) => (
            <ConcernLine
              key={concern.kind === "node" ? `node ${concern.node.name}` : concern.task.id}
              concern={concern}
            />
          ))}
          {more === 0 ? null : (
            <li>
              <span className="muted">and {formatCount(more)} more</span>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}

function ConcernLine({ concern }: { readonly concern: Concern }) {
  if (concern.kind === "node") {
    const { node, why } = concern;
    return (
      <li>
        <NodeBadge {...node} />
        <span className="attention-what">
          <Link href={nodeHref(node.name)} className="attention-name">
            {node.name}
          </Link>{" "}
          <span className="attention-why">{why}</span>
        </span>
      </li>
    );
  }
  const { task, why } = concern;
  return (
    <li>
      <span>
        <TaskBadge state={task.state} health={task.health} />
      </span>
      <span className="attention-what">
        <Link href={taskHref(task.id)} className="attention-name">
          {task.name}
        </Link>{" "}
        <span className="attention-why">{why}</span>
      </span>
      <span className="muted small">
        <Ago at={task.since} />
      </span>
    </li>
  );
}

function Capacity({ totals: { capacity, reserved, used } }: { readonly totals: Totals }) {
  return (
    <div className="capacity">
      {RESOURCES.map(({ name, label }) => (
        <div className="capacity-line" key={name}>
          <strong>{label}</strong>
          <span className="muted">{formatPart(name, reserved[name], capacity[name])}</span>
          <Meter resource={name} reserved={reserved[name]} capacity={capacity[name]} used={used[name]} />
        </div>
      ))}
      <p className="legend-line">
        <span>
          <i /> reserved by tasks
        </span>
        <span>
          <i className="mark" /> in use, measured
        </span>
      </p>
    </div>
  );
}
