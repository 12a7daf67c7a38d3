/** The map of the cluster, with search, legend, and what is known of the task or node that was clicked. */
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { EmptyState } from "../../components/empty-state.tsx";
import { Page } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import type { Cluster } from "../../live/cluster.ts";
import { useClusterValue } from "../../live/live-context.tsx";
import type { LiveTask } from "../../live/values.ts";
import { ClusterMap } from "../../map/cluster-map.tsx";
import { meansTask } from "../tasks/task-row.ts";
import { MapSelection, type Selected } from "./map-selection.tsx";
import "./map-page.css";

const LEGEND = [
  { colour: "--state-running", words: "running" },
  { colour: "--health-unhealthy", words: "unhealthy" },
  { colour: "--state-scheduled", words: "starting" },
  { colour: "--state-failed", words: "failed, or node lost" },
  { colour: "--node-unreachable", words: "node silent" },
  { colour: "--node-paused", words: "node paused or draining" },
] as const;

export function MapPage() {
  const [search, setSearch] = useSearchParams();
  const typed = search.get("q") ?? "";
  const deferred = useDeferredValue(typed);
  const filter = useMemo(() => (deferred.trim() === "" ? undefined : liveFilter(deferred)), [deferred]);
  // The map follows the cluster by itself: the page holds it, and need not be rendered with it.
  const cluster = useClusterValue(itself);
  const isEmpty = useClusterValue(hasNoNodes);
  const [selected, setSelected] = useState<Selected>();
  const close = useCallback(() => setSelected(undefined), []);
  return (
    <Page title="Map" fills>
      <div className="toolbar">
        <SearchField
          label="Show only tasks by name, node, image or key=label"
          placeholder="Name, node, image, or label=value"
          value={typed}
          onChange={(value) => setSearch(value === "" ? {} : { q: value }, { replace: true })}
        />
        <ul className="map-legend" aria-label="Colours">
          {LEGEND.map(({ colour, words }) => (
            <li key={words}>
              <i style={{ background: `var(${colour})` }} />
              {words}
            </li>
          ))}
        </ul>
      </div>
      <div className="map-frame">
        <div className="map-canvas">
          {isEmpty ? (
            <EmptyState title="No node has joined yet" command={`birdman worker --manager ${location.host}`}>
              Every node becomes a box here, every task a tile in it. Start a worker:
            </EmptyState>
          ) : (
            <ClusterMap
              cluster={cluster}
              onSelect={setSelected}
              {...(filter === undefined ? {} : { filter })}
              {...(selected === undefined ? {} : { selected })}
            />
          )}
        </div>
        {selected === undefined ? null : <MapSelection selected={selected} onClose={close} />}
      </div>
    </Page>
  );
}

function itself(cluster: Cluster): Cluster {
  return cluster;
}

/** As far as is known: not while the first snapshot is on its way. */
function hasNoNodes({ isComplete, nodeCount }: Cluster): boolean {
  return isComplete && nodeCount === 0;
}

function liveFilter(typed: string): (task: LiveTask) => boolean {
  return meansTask(typed);
}
