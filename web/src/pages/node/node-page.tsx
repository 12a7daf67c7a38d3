/** One node: what it has and gives, what runs there, and what can be done with it. */
import { useMemo } from "react";
import { Labels, NodeBadge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatAmount, formatPart, listed, RESOURCES } from "../../components/format.ts";
import { Meter } from "../../components/meter.tsx";
import { Ago } from "../../components/moment.tsx";
import { Facts, Page, Panel } from "../../components/page.tsx";
import { UseCharts } from "../../components/use-chart.tsx";
import { useCluster, useConnection, useNode } from "../../live/live-context.tsx";
import type { LiveNode } from "../../live/values.ts";
import { EventFeed } from "../events/event-feed.tsx";
import { NotFound } from "../not-found.tsx";
import { keyOfTask, linkOfTask, NODE_TASK_COLUMNS } from "../tasks/task-columns.tsx";
import { rowOfLive } from "../tasks/task-row.ts";
import { NodeActions } from "./node-actions.tsx";
import "../overview/overview.css";

export function NodePage({ name }: { readonly name: string }) {
  const node = useNode(name);
  const { phase } = useConnection();
  if (node !== undefined) return <KnownNode node={node} />;
  return phase === "connecting" ? <p className="loading">Loading…</p> : <NotFound what="node" name={name} />;
}

function KnownNode({ node }: { readonly node: LiveNode }) {
  const { name, reason, reserved, used } = node;
  return (
    <Page
      title={name}
      badge={<NodeBadge {...node} />}
      note={reason === "" ? undefined : reason}
      actions={<NodeActions node={node} />}
    >
      {node.drain === undefined ? null : <DrainNotice drain={node.drain} />}
      <div className="columns">
        <Panel title="Capacity">
          <Capacity node={node} />
        </Panel>
        <Panel title="Node">
          <NodeFacts node={node} />
        </Panel>
      </div>
      <Panel title="Use over time" actions={<span className="muted small">since this page was opened</span>}>
        <UseCharts of={`node ${name}`} used={used} reserved={reserved} />
      </Panel>
      <NodeTasks name={name} />
      <Panel title="Events" flush>
        <EventFeed filter={{ node: name }} />
      </Panel>
    </Page>
  );
}

function DrainNotice({ drain: { left, blocked } }: { readonly drain: NonNullable<LiveNode["drain"]> }) {
  if (blocked !== undefined) {
    return (
      <div className="notice warning">
        <span>
          The drain is held up, with {left} to go: {blocked}
        </span>
      </div>
    );
  }
  return (
    <div className={left === 0 ? "notice good" : "notice warning"} role="status">
      <span>{left === 0 ? "Drained: nothing runs here any more." : `Being drained: ${String(left)} to go.`}</span>
    </div>
  );
}

function Capacity({ node: { capacity, reserved, used } }: { readonly node: LiveNode }) {
  return (
    <div className="capacity">
      {RESOURCES.map(({ name, label }) => (
        <div className="capacity-line" key={name}>
          <strong>{label}</strong>
          <span className="muted">
            {formatPart(name, reserved[name], capacity[name])} reserved
            {used === undefined ? "" : `, ${formatAmount(name, used[name])} used`}
          </span>
          <Meter resource={name} reserved={reserved[name]} capacity={capacity[name]} used={used?.[name]} />
        </div>
      ))}
    </div>
  );
}

function NodeFacts({ node }: { readonly node: LiveNode }) {
  return (
    <Facts
      facts={{
        Address: <span className="mono">{node.address}</span>,
        Runtimes: listed(node.runtimes),
        Labels:
          Object.keys(node.labels).length === 0 ? <span className="muted">none</span> : <Labels labels={node.labels} />,
        Version: node.version,
        Joined: <Ago at={node.joinedAt} />,
        Tasks: node.tasks,
      }}
    />
  );
}

function NodeTasks({ name }: { readonly name: string }) {
  const cluster = useCluster(500);
  const { version } = cluster;
  const rows = useMemo(() => [...cluster.tasksOf(name)].map(rowOfLive), [cluster, version, name]);
  return (
    <Panel title="Tasks here" flush>
      <DataTable
        label={`Tasks on ${name}`}
        rows={rows}
        columns={NODE_TASK_COLUMNS}
        rowKey={keyOfTask}
        rowLink={linkOfTask}
        initialSorting={{ key: "name", isDescending: false }}
        isCapped
        empty={<EmptyState title="Nothing runs here">No task is placed on this node now.</EmptyState>}
      />
    </Panel>
  );
}
