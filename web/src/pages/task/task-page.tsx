/** One task, whether it runs or ended long ago. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { TaskJson } from "../../../../src/api/task-json.ts";
import { ClientError } from "../../../../src/client/client-error.ts";
import { taskHref } from "../../app/pages.ts";
import { usePlacement, useTaskDetails } from "../../app/queries.ts";
import { TaskBadge } from "../../components/badge.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Ago } from "../../components/moment.tsx";
import { Page, Panel } from "../../components/page.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { Verdicts } from "../../components/verdicts.tsx";
import { useTask } from "../../live/live-context.tsx";
import { EventFeed } from "../events/event-feed.tsx";
import { NotFound } from "../not-found.tsx";
import { LogView } from "./log-view.tsx";
import { TaskActions } from "./task-actions.tsx";
import { TaskOverview } from "./task-overview.tsx";
import "./task.css";

interface TaskPageProps {
  readonly id: string;
  readonly tab: string;
}

const TABS = [
  { tab: "overview", title: "Overview" },
  { tab: "logs", title: "Logs" },
  { tab: "events", title: "Events" },
  { tab: "placement", title: "Placement" },
  { tab: "spec", title: "Spec" },
] as const;

export function TaskPage({ id, tab }: TaskPageProps) {
  const query = useTaskDetails(id);
  const { error } = query;
  const isUnknown = error instanceof ClientError && (error.status === 404 || error.status === 400);
  if (isUnknown) return <NotFound what="task" name={id} />;
  return <QueryState query={query}>{(task) => <KnownTask task={task} tab={tab} />}</QueryState>;
}

function KnownTask({ task, tab }: { readonly task: TaskJson; readonly tab: string }) {
  const { id, name, state, health, desired, reason } = task;
  // The sentence changes while a task waits, and the stream brings it sooner.
  const live = useTask(id);
  return (
    <Page
      title={name}
      badge={<TaskBadge state={state} health={health} isStopping={desired === "stop"} />}
      note={live?.reason ?? reason}
      actions={<TaskActions task={task} />}
      fills={tab === "logs"}
    >
      <nav className="tabs" aria-label="Of this task">
        {TABS.map((each) => (
          <Link
            key={each.tab}
            href={taskHref(id, each.tab === "overview" ? "" : each.tab)}
            aria-current={each.tab === tab ? "page" : undefined}
          >
            {each.title}
          </Link>
        ))}
      </nav>
      {contentOf(task, tab)}
    </Page>
  );
}

function contentOf(task: TaskJson, tab: string): ReactNode {
  const { id, name, attempt, restarts } = task;
  switch (tab) {
    case "overview":
      return <TaskOverview task={task} />;
    case "logs":
      return <LogView id={id} name={name} run={`${String(attempt)}/${String(restarts)}`} />;
    case "events":
      return (
        <Panel title="Events" flush>
          <EventFeed filter={{ task: id }} isOfOne />
        </Panel>
      );
    case "placement":
      return <Placement id={id} />;
    case "spec":
      return <Spec task={task} />;
    default:
      return <NotFound what="page" />;
  }
}

function Placement({ id }: { readonly id: string }) {
  const query = usePlacement(id);
  return (
    <Panel title="Why it is where it is">
      <QueryState query={query}>
        {(placement) => (
          <div className="stack">
            <p>
              {placement.chosen === null ? (
                <>No node takes it now, of {placement.considered} considered by </>
              ) : (
                <>
                  <strong>{placement.chosen}</strong> was chosen of {placement.considered} considered, by{" "}
                </>
              )}
              <code>{placement.scheduler}</code>, <Ago at={placement.decidedAt} />.
            </p>
            <Verdicts {...placement} />
          </div>
        )}
      </QueryState>
    </Panel>
  );
}

function Spec({ task: { spec } }: { readonly task: TaskJson }) {
  const json = JSON.stringify(spec, null, 2);
  return (
    <Panel
      title="As accepted, defaults filled in, secrets left out"
      actions={<CopyButton text={json} what="the spec" />}
    >
      <pre className="code" tabIndex={0} aria-label="Spec as JSON">
        {json}
      </pre>
    </Panel>
  );
}
