/** The live cluster for React: hooks that render again when what they show has changed. */
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useSyncExternalStore } from "react";
import type { Birdman } from "../../../src/client/client.ts";
import { useObservable } from "../app/observable.ts";
import type { Cluster } from "./cluster.ts";
import type { LiveCluster } from "./live-cluster.ts";
import type { Connection, LiveNode, LiveTask, Rates, Totals } from "./values.ts";

interface Live {
  readonly client: Birdman;
  readonly cluster: Cluster;
  readonly connection: LiveCluster["connection"];
}

/** Pages are made anew no more often than this, milliseconds, whatever happens. */
const CALM_MS = 250;

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider({
  client,
  live: { cluster, connection },
  children,
}: {
  readonly client: Birdman;
  readonly live: LiveCluster;
  readonly children: ReactNode;
}): ReactNode {
  const live = useMemo(() => ({ client, cluster, connection }), [client, cluster, connection]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useClient(): Birdman {
  return useLive().client;
}

export function useConnection(): Connection {
  return useObservable(useLive().connection);
}

/** The cluster; renders again when something in it has changed, but at most every `everyMs`. */
export function useCluster(everyMs = CALM_MS): Cluster {
  const { cluster } = useLive();
  useSyncExternalStore(useCalm(cluster, everyMs), () => cluster.version);
  return cluster;
}

interface ValueOptions<T> {
  readonly everyMs?: number;
  /** Whether two values would be shown alike; `Object.is` unless it is given. */
  readonly isEqual?: (a: T, b: T) => boolean;
}

/** Something worked out of the cluster; renders again only when that has changed. */
export function useClusterValue<T>(select: (cluster: Cluster) => T, options: ValueOptions<T> = {}): T {
  const { everyMs = CALM_MS, isEqual = Object.is } = options;
  const { cluster } = useLive();
  const last = useRef<{ readonly version: number; readonly select: unknown; readonly value: T }>(undefined);
  const read = (): T => {
    const known = last.current;
    if (known?.version === cluster.version && known.select === select) return known.value;
    const value = select(cluster);
    const kept = known !== undefined && isEqual(known.value, value) ? known.value : value;
    last.current = { version: cluster.version, select, value: kept };
    return kept;
  };
  return useSyncExternalStore(useCalm(cluster, everyMs), read);
}

/** A live task; undefined when there is none of this id, or it has ended. */
export function useTask(id: string): LiveTask | undefined {
  const { cluster } = useLive();
  const version = useSyncExternalStore(useCalm(cluster, CALM_MS), () => cluster.taskVersion(id));
  return useMemo(() => (version === 0 ? undefined : cluster.task(id)), [cluster, id, version]);
}

export function useNode(name: string): LiveNode | undefined {
  const { cluster } = useLive();
  const version = useSyncExternalStore(useCalm(cluster, CALM_MS), () => cluster.nodeVersion(name));
  return useMemo(() => (version === 0 ? undefined : cluster.node(name)), [cluster, name, version]);
}

export function useTotals(): Totals {
  return useCluster().totals;
}

/** The last minutes, second by second, oldest first. */
export function useRates(): readonly Rates[] {
  return useClusterValue(ratesOf);
}

/** The newest of the tasks that have ended, the last one first. */
export function useEnded(): readonly LiveTask[] {
  return useClusterValue(endedOf, { isEqual: isSameEnded });
}

function useLive(): Live {
  const live = use(LiveContext);
  if (live === undefined) throw new Error("a hook of the live cluster is used outside its provider");
  return live;
}

/** Subscribes so that a listener is called at once, and then no more often than this, and once more after the last change. */
function useCalm(cluster: Cluster, everyMs: number): (listener: () => void) => () => void {
  return useCallback(
    (listener) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let lastMs = Number.NEGATIVE_INFINITY;
      const tell = (): void => {
        timer = undefined;
        lastMs = performance.now();
        listener();
      };
      const unsubscribe = cluster.subscribe(() => {
        timer ??= setTimeout(tell, Math.max(0, lastMs + everyMs - performance.now()));
      });
      return () => {
        unsubscribe();
        clearTimeout(timer);
      };
    },
    [cluster, everyMs],
  );
}

function ratesOf({ rates }: Cluster): readonly Rates[] {
  return rates;
}

function endedOf({ ended }: Cluster): readonly LiveTask[] {
  return ended;
}

function isSameEnded(a: readonly LiveTask[], b: readonly LiveTask[]): boolean {
  return a.length === b.length && a[0]?.id === b[0]?.id;
}
