/** All tasks: the live ones as the stream tells them, the ended ones page by page as they are scrolled to. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo } from "react";
import { Link, useSearchParams } from "wouter";
import { NEW_TASK } from "../../app/pages.ts";
import { DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { counted } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Page } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { type Choice, Segmented } from "../../components/segmented.tsx";
import { useClient, useCluster, useTotals } from "../../live/live-context.tsx";
import type { LiveTask } from "../../live/values.ts";
import { ENDED_COLUMNS, keyOfTask, linkOfTask, LIVE_COLUMNS } from "./task-columns.tsx";
import { meansTask, rowOfEnded, rowOfLive, type TaskRow } from "./task-row.ts";

const SHOWN = ["live", "pending", "scheduled", "running", "completed", "failed"] as const;
type Shown = (typeof SHOWN)[number];

const ENDED_A_PAGE = 200;
/** A list of more is made anew less often: it takes a tenth of a second and more. */
const LONG = 20_000;

export function Tasks() {
  const [search, setSearch] = useSearchParams();
  const shown = SHOWN.find((each) => each === search.get("state")) ?? "live";
  const typed = search.get("q") ?? "";
  const change = (key: string, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "" || value === "live") next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: true },
    );
  const deferred = useDeferredValue(typed);
  return (
    <Page
      title="Tasks"
      fills
      actions={
        <Link href={NEW_TASK} className="button">
          <Icon name="plus" />
          New task
        </Link>
      }
    >
      <div className="toolbar">
        <SearchField
          label="Filter by name, node, image or key=label"
          placeholder="Name, node, image, or label=value"
          value={typed}
          onChange={(value) => change("q", value)}
        />
        <StateChoice shown={shown} onChange={(value) => change("state", value)} />
      </div>
      <div className="panel table-panel">
        {shown === "completed" || shown === "failed" ? (
          <EndedTasks key={shown} state={shown} typed={deferred} />
        ) : (
          <LiveTasks shown={shown} typed={deferred} />
        )}
      </div>
    </Page>
  );
}

function StateChoice({ shown, onChange }: { readonly shown: Shown; readonly onChange: (shown: Shown) => void }) {
  const { tasks } = useTotals();
  const choices: Choice<Shown>[] = [
    { value: "live", label: "Live", count: tasks.pending + tasks.scheduled + tasks.running },
    { value: "pending", label: "Pending", count: tasks.pending },
    { value: "scheduled", label: "Scheduled", count: tasks.scheduled },
    { value: "running", label: "Running", count: tasks.running },
    { value: "failed", label: "Failed", count: tasks.failed },
    { value: "completed", label: "Completed", count: tasks.completed },
  ];
  return <Segmented label="State" choices={choices} value={shown} onChange={onChange} />;
}

interface ListProps {
  readonly typed: string;
}

function LiveTasks({ shown, typed }: ListProps & { readonly shown: "live" | LiveTask["state"] }) {
  const isLong = useTotals().tasks.running > LONG;
  const cluster = useCluster(isLong ? 2000 : 500);
  const { version } = cluster;
  const rows = useMemo(() => {
    const means = meansTask(typed);
    const found: TaskRow[] = [];
    for (const task of cluster.tasks()) {
      if ((shown === "live" || task.state === shown) && means(task)) found.push(rowOfLive(task));
    }
    return found;
    // The tables of the cluster change in place; its version tells.
  }, [cluster, version, shown, typed]);
  return (
    <DataTable
      label="Tasks"
      rows={rows}
      columns={LIVE_COLUMNS}
      rowKey={keyOfTask}
      rowLink={linkOfTask}
      initialSorting={{ key: "name", isDescending: false }}
      empty={
        typed === "" ? (
          <EmptyState title={shown === "live" ? "No task runs" : `No task is ${shown}`} command="birdman run IMAGE">
            Start one with the button above, or from a terminal:
          </EmptyState>
        ) : (
          <NothingFound typed={typed} />
        )
      }
    />
  );
}

function EndedTasks({ state, typed }: ListProps & { readonly state: "completed" | "failed" }) {
  const client = useClient();
  const ended = useTotals().tasks[state];
  const query = useInfiniteQuery({
    queryKey: ["ended", state, ended],
    queryFn: ({ pageParam, signal }) =>
      client.tasks({ state, limit: ENDED_A_PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: (before) => before,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const pages = query.data?.pages;
  const rows = useMemo(
    () => (pages ?? []).flatMap(({ tasks }) => tasks.map(rowOfEnded)).filter(meansTask(typed)),
    [pages, typed],
  );
  return (
    <QueryState query={query}>
      {() => (
        <DataTable
          label={`${counted(rows.length, "task")} that ${state}`}
          rows={rows}
          columns={ENDED_COLUMNS}
          rowKey={keyOfTask}
          rowLink={linkOfTask}
          initialSorting={{ key: "since", isDescending: false }}
          onEnd={onEnd}
          empty={typed === "" ? <EmptyState title={`No task has ${state}`} /> : <NothingFound typed={typed} />}
        />
      )}
    </QueryState>
  );
}

function NothingFound({ typed }: ListProps) {
  return <EmptyState title="Nothing fits">No task here has “{typed}” in its name, node, image or labels.</EmptyState>;
}
