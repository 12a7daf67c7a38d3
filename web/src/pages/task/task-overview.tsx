/** A task at a glance: where it is, since when, how it is reached, what it uses, what became of its attempts. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { TaskJson } from "../../../../src/api/task-json.ts";
import { formatSize, parseSize } from "../../../../src/utils/sizes.ts";
import { nodeHref } from "../../app/pages.ts";
import { useTaskEvents } from "../../app/queries.ts";
import { Labels } from "../../components/badge.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { capitalised, formatCores } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Ago } from "../../components/moment.tsx";
import { Facts, Panel } from "../../components/page.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { UseCharts } from "../../components/use-chart.tsx";
import { useTask } from "../../live/live-context.tsx";
import { AttemptsTimeline } from "./attempts-timeline.tsx";

export function TaskOverview({ task }: { readonly task: TaskJson }) {
  const { id, name, finishedAt } = task;
  const live = useTask(id);
  const events = useTaskEvents(id);
  return (
    <>
      <div className="columns">
        <Panel title="Now">
          <NowFacts task={task} />
        </Panel>
        <Panel title="Asked for">
          <SpecFacts task={task} />
        </Panel>
      </div>
      <Panel title="Attempts over time">
        <QueryState query={events}>
          {(history) => (
            <AttemptsTimeline events={history} endedAt={finishedAt === null ? undefined : Date.parse(finishedAt)} />
          )}
        </QueryState>
      </Panel>
      {live === undefined ? null : (
        <Panel title="Use over time" actions={<span className="muted small">since this page was opened</span>}>
          <UseCharts of={`task ${name} ${id}`} used={live.used} reserved={live.demand} />
        </Panel>
      )}
    </>
  );
}

function NowFacts({ task }: { readonly task: TaskJson }) {
  const { id, node, attempt, restarts, ports, health, exitCode, containerId, createdAt, startedAt, finishedAt, spec } =
    task;
  return (
    <Facts
      facts={{
        Node: node === null ? <span className="muted">none yet</span> : <Link href={nodeHref(node)}>{node}</Link>,
        Ports: ports.length === 0 ? undefined : <Ports ports={ports} />,
        Health: health === "none" ? <span className="muted">not checked</span> : capitalised(health),
        Attempt: attempt,
        Restarts: restarts,
        "Exit code": exitCode ?? undefined,
        Submitted: <Ago at={createdAt} />,
        Started: startedAt === null ? undefined : <Ago at={startedAt} />,
        Ended: finishedAt === null ? undefined : <Ago at={finishedAt} />,
        Id: (
          <>
            <span className="mono">{id}</span> <CopyButton text={id} what="the id" />
          </>
        ),
        [spec.runtime === "process" ? "Process" : "Container"]:
          containerId === null ? undefined : <span className="mono">{containerId.slice(0, 12)}</span>,
      }}
    />
  );
}

function Ports({ ports }: Pick<TaskJson, "ports">): ReactNode {
  return (
    <ul className="ports">
      {ports.map(({ container, host, protocol, address }) => (
        <li key={`${String(container)}/${protocol}`}>
          {protocol === "tcp" ? (
            <a href={`http://${hostOf(address)}:${String(host)}`} target="_blank" rel="noreferrer">
              {hostOf(address)}:{host}
              <Icon name="external" />
              <span className="visually-hidden"> (opens in a new tab)</span>
            </a>
          ) : (
            `${hostOf(address)}:${String(host)}`
          )}{" "}
          <span className="muted">
            to {container}/{protocol}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** As it stands in a URL: an address of IPv6 in brackets. */
function hostOf(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function SpecFacts({ task: { spec } }: { readonly task: TaskJson }) {
  const { image, command, labels = {}, constraints = [], antiAffinity = [], restart, reschedule, priority } = spec;
  return (
    <Facts
      facts={{
        Image: image === undefined ? undefined : <span className="mono">{image}</span>,
        Command: command === undefined ? undefined : <span className="mono">{command.join(" ")}</span>,
        Runtime: spec.runtime,
        CPU: `${formatCores(spec.cpu ?? 0)} ${spec.cpu === 1 ? "core" : "cores"}`,
        Memory: formatSize(parseSize(spec.memory ?? 0) ?? 0),
        Disk: parseSize(spec.disk ?? 0) === 0 ? undefined : formatSize(parseSize(spec.disk ?? 0) ?? 0),
        Restart:
          restart?.policy === "on-failure" ? `on failure, up to ${String(restart.attempts)} times` : restart?.policy,
        "Other nodes": `up to ${String(reschedule?.attempts)} times after failing`,
        Priority: priority,
        Constraints: constraints.length === 0 ? undefined : <span className="mono">{constraints.join(", ")}</span>,
        "Not beside": antiAffinity.length === 0 ? undefined : <span className="mono">{antiAffinity.join(", ")}</span>,
        Labels: Object.keys(labels).length === 0 ? undefined : <Labels labels={labels} />,
      }}
    />
  );
}
