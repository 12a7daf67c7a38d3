/** Beside the map: what is known of the task or the node that was clicked, with the way to its page. */
import { Link } from "wouter";
import { formatSize } from "../../../../src/utils/sizes.ts";
import { nodeHref, taskHref } from "../../app/pages.ts";
import { Labels, NodeBadge, TaskBadge } from "../../components/badge.tsx";
import { formatCores, RESOURCES } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { MeterLine } from "../../components/meter.tsx";
import { Ago } from "../../components/moment.tsx";
import { Facts, Panel } from "../../components/page.tsx";
import { useNode, useTask } from "../../live/live-context.tsx";
import type { LiveNode, LiveTask } from "../../live/values.ts";

export type Selected =
  { readonly kind: "task"; readonly id: string } | { readonly kind: "node"; readonly name: string };

interface MapSelectionProps {
  readonly selected: Selected;
  readonly onClose: () => void;
}

export function MapSelection({ selected, onClose }: MapSelectionProps) {
  const close = (
    <button type="button" className="button quiet small icon-only" aria-label="Close" onClick={onClose}>
      <Icon name="close" />
    </button>
  );
  return (
    <Panel title={selected.kind === "task" ? "Task" : "Node"} className="map-side" actions={close}>
      {selected.kind === "task" ? <SelectedTask id={selected.id} /> : <SelectedNode name={selected.name} />}
    </Panel>
  );
}

function SelectedTask({ id }: { readonly id: string }) {
  const task = useTask(id);
  if (task === undefined) {
    return (
      <p className="muted">
        It has ended. <Link href={taskHref(id)}>See how.</Link>
      </p>
    );
  }
  return (
    <div className="stack">
      <Link href={taskHref(id)}>
        <strong>{task.name}</strong>
      </Link>
      <TaskFacts task={task} />
    </div>
  );
}

function TaskFacts({ task }: { readonly task: LiveTask }) {
  const { node, demand, used, labels } = task;
  return (
    <Facts
      facts={{
        State: <TaskBadge {...task} />,
        Why: task.reason,
        Node: node === undefined ? undefined : <Link href={nodeHref(node)}>{node}</Link>,
        Runs: <span className="mono">{task.runs}</span>,
        Reserves: `${formatCores(demand.cpu)} CPU, ${formatSize(demand.memory)}`,
        Uses: used === undefined ? undefined : `${formatCores(used.cpu)} CPU, ${formatSize(used.memory)}`,
        Restarts: task.restarts,
        Labels: Object.keys(labels).length === 0 ? undefined : <Labels labels={labels} />,
        Since: <Ago at={task.since} />,
      }}
    />
  );
}

function SelectedNode({ name }: { readonly name: string }) {
  const node = useNode(name);
  if (node === undefined) return <p className="muted">It was removed.</p>;
  return (
    <div className="stack">
      <Link href={nodeHref(name)}>
        <strong>{name}</strong>
      </Link>
      <NodeFacts node={node} />
    </div>
  );
}

function NodeFacts({ node }: { readonly node: LiveNode }) {
  const meters = RESOURCES.map(({ name, label }) => [
    label,
    <MeterLine
      key={name}
      resource={name}
      reserved={node.reserved[name]}
      capacity={node.capacity[name]}
      used={node.used?.[name]}
    />,
  ]);
  return (
    <Facts
      facts={{
        Status: <NodeBadge {...node} />,
        Why: node.reason === "" ? undefined : node.reason,
        Tasks: node.tasks,
        ...(Object.fromEntries(meters) as Readonly<Record<string, React.ReactNode>>),
        Labels: Object.keys(node.labels).length === 0 ? undefined : <Labels labels={node.labels} />,
      }}
    />
  );
}
