/** All nodes, with how full they are. */
import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { nodeHref } from "../../app/pages.ts";
import { Labels, NodeBadge } from "../../components/badge.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { MeterLine } from "../../components/meter.tsx";
import { Age } from "../../components/moment.tsx";
import { Page } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { RESOURCES } from "../../components/format.ts";
import { useCluster } from "../../live/live-context.tsx";
import type { LiveNode } from "../../live/values.ts";

const URGENCY = { lost: 0, unreachable: 1, ready: 2, left: 3 } as const;

const COLUMNS: readonly Column<LiveNode>[] = [
  { key: "name", title: "Name", width: "minmax(5rem, 2fr)", sortBy: ({ name }) => name, cell: () => null },
  {
    key: "status",
    title: "Status",
    width: "7.25rem",
    sortBy: ({ status }) => URGENCY[status],
    cell: (node) => <NodeBadge {...node} />,
  },
  {
    key: "tasks",
    title: "Tasks",
    width: "4rem",
    align: "end",
    wideOnly: true,
    sortBy: ({ tasks }) => tasks,
    cell: ({ tasks }) => tasks,
  },
  ...RESOURCES.map(({ name, label }): Column<LiveNode> => ({
    key: name,
    title: label,
    width: "minmax(6rem, 1.2fr)",
    wideOnly: name !== "memory",
    sortBy: ({ reserved, capacity }) => (capacity[name] > 0 ? reserved[name] / capacity[name] : 0),
    cell: ({ reserved, capacity, used }) => (
      <MeterLine resource={name} reserved={reserved[name]} capacity={capacity[name]} used={used?.[name]} />
    ),
  })),
  {
    key: "labels",
    title: "Labels",
    width: "minmax(6rem, 2fr)",
    wideOnly: true,
    cell: ({ labels }) => <Labels labels={labels} />,
  },
  {
    key: "age",
    title: "Joined",
    width: "3.5rem",
    align: "end",
    wideOnly: true,
    sortBy: ({ joinedAt }) => -joinedAt,
    cell: ({ joinedAt }) => <Age at={joinedAt} />,
  },
];

export function Nodes() {
  const [search, setSearch] = useSearchParams();
  const typed = search.get("q") ?? "";
  const cluster = useCluster(500);
  const { version } = cluster;
  const all = useMemo(() => cluster.nodes(), [cluster, version]);
  const rows = useMemo(() => all.filter(meansNode(typed)), [all, typed]);
  return (
    <Page title="Nodes" fills>
      <div className="toolbar">
        <SearchField
          label="Filter by name, status or key=label"
          placeholder="Name, status, or label=value"
          value={typed}
          onChange={(value) => setSearch(value === "" ? {} : { q: value }, { replace: true })}
        />
      </div>
      <div className="panel table-panel">
        <DataTable
          label="Nodes"
          rows={rows}
          columns={COLUMNS}
          rowKey={({ name }) => name}
          rowLink={({ name }) => ({ href: nodeHref(name), text: name })}
          initialSorting={{ key: "name", isDescending: false }}
          empty={
            all.length === 0 ? (
              <EmptyState title="No node has joined yet" command={`birdman worker --manager ${location.host}`}>
                A worker on each machine runs the tasks. Start one there:
              </EmptyState>
            ) : (
              <EmptyState title="Nothing fits">No node has “{typed}” in its name, status or labels.</EmptyState>
            )
          }
        />
      </div>
    </Page>
  );
}

function meansNode(typed: string): (node: LiveNode) => boolean {
  const words = typed.toLowerCase().split(/\s+/);
  return ({ name, status, availability, labels }) => {
    const labelled = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const texts = [name, status, availability, ...labelled].map((text) => text.toLowerCase());
    return words.every((word) => texts.some((text) => text.includes(word)));
  };
}
