/**
 * The map: every node as a box, every task a tile in it, as large as its share of the node. What is drawn is in
 * `map-view.ts`; here it is given its place in the page, pointer and keyboard, and words.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Cluster } from "../live/cluster.ts";
import type { LiveTask } from "../live/values.ts";
import { stepped, type Step } from "./cursor.ts";
import { describe, describeCluster, type Description } from "./describe.ts";
import { zoomed } from "./geometry.ts";
import { listenForGestures } from "./gestures.ts";
import { MapModel, type Target } from "./map-model.ts";
import { MapView } from "./map-view.ts";
import { readPalette, watchTheme } from "./palette.ts";
import "./map.css";

export type Selection =
  { readonly kind: "task"; readonly id: string } | { readonly kind: "node"; readonly name: string };

export interface ClusterMapProps {
  readonly cluster: Cluster;
  readonly onSelect: (selected: Selection) => void;
  /** Tasks that do not pass are faint. A function made anew for each rendering is a new filter each time. */
  readonly filter?: ((task: LiveTask) => boolean) | undefined;
  /** Ids of tasks that stand out. */
  readonly highlight?: ReadonlySet<string> | undefined;
  readonly selected?: Selection | undefined;
}

interface Tip extends Description {
  readonly x: number;
  readonly y: number;
}

const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
  " ": "into",
  PageDown: "next",
  PageUp: "previous",
};
const ZOOM_STEP = 1.5;

export function ClusterMap({ cluster, onSelect, filter, highlight, selected }: ClusterMapProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const tiles = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<MapView>();
  const [tip, setTip] = useState<Tip>();
  const [words, setWords] = useState("");
  const [summary, setSummary] = useState(() => describeCluster(cluster));
  const cursor = useRef<Target>(undefined);
  const select = useRef(onSelect);
  const helpId = useId();

  useEffect(() => {
    select.current = onSelect;
  }, [onSelect]);

  useEffect(() => {
    if (place.current === null || tiles.current === null || overlay.current === null) return undefined;
    const model = new MapModel(cluster, () => performance.now());
    const made = new MapView(model, { tiles: tiles.current, overlay: overlay.current }, readPalette());
    const stop = run(made, place.current, {
      hovered(target, x, y) {
        setTip(target === undefined ? undefined : { ...describe(cluster, target), x, y });
      },
      chosen: (target) => select.current(selectionOf(cluster, target)),
      summed: () => setSummary(describeCluster(cluster)),
    });
    setView(made);
    return stop;
  }, [cluster]);

  useEffect(() => {
    view?.model.setFilter(filter);
    view?.request();
  }, [view, filter]);
  useEffect(() => {
    view?.model.setHighlight(highlight);
    view?.request();
  }, [view, highlight]);
  useEffect(() => view?.setMarks({ selected: targetOf(cluster, selected) }), [view, cluster, selected]);

  function press(event: KeyboardEvent): void {
    if (view === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "Escape" && cursor.current?.kind === "task" ? "out" : STEPS[event.key];
    const { layout } = view;
    const middle = { x: layout.size.width / 2, y: layout.size.height / 2 };
    if (event.key === "Enter" && cursor.current !== undefined) onSelect(selectionOf(cluster, cursor.current));
    else if (event.key === "+" || event.key === "=") view.setView(zoomed(layout.view, ZOOM_STEP, middle));
    else if (event.key === "-") view.setView(zoomed(layout.view, 1 / ZOOM_STEP, middle));
    else if (event.key === "0") view.setView(layout.viewOf(undefined));
    else if (event.key === "z") view.setView(layout.viewOf(cursor.current?.node));
    else if (step === undefined) return;
    else {
      const { order, placeOf } = view.model;
      cursor.current = stepped(cursor.current, step, { order, placeOf, columns: layout.columns });
      const at = cursor.current;
      view.setMarks({ cursor: at });
      setWords(at === undefined ? "" : sentence(describe(cluster, at)));
    }
    event.preventDefault();
  }

  return (
    <div className="cluster-map" ref={place}>
      <canvas ref={tiles} aria-hidden="true" />
      <canvas ref={overlay} aria-hidden="true" />
      <div
        className="cluster-map-keys"
        role="application"
        tabIndex={0}
        aria-label={summary}
        aria-describedby={helpId}
        onKeyDown={press}
        onBlur={() => view?.setMarks({ cursor: undefined })}
      />
      <p id={helpId} className="cluster-map-words">
        Arrow keys go from node to node, Page Down and Page Up from task to task within one, Enter opens what the cursor
        is on. Plus and minus zoom, z shows the node large, 0 shows all. The pages of tasks and nodes tell the same as
        tables.
      </p>
      <p className="cluster-map-words" role="status">
        {words}
      </p>
      {tip !== undefined && (
        <div className="cluster-map-tip" style={tipPlace(tip, view)}>
          <strong>{tip.title}</strong>
          {tip.lines.map((line) => (
            <div key={line}>{line}</div>
          ))}
        </div>
      )}
    </div>
  );
}

interface Heard {
  /** `x` and `y` of the pointer, in CSS pixels. */
  readonly hovered: (target: Target | undefined, x: number, y: number) => void;
  readonly chosen: (target: Target) => void;
  /** Some time has passed, and the numbers may be others. */
  readonly summed: () => void;
}

const SUMMED_MS = 2000;

/** Connects the view with the cluster, its place in the page and the pointer, until what it returns is called. */
function run(view: MapView, element: HTMLElement, { hovered, chosen, summed }: Heard): () => void {
  const { model } = view;
  const { cluster } = model;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const takeCalm = (): void => void (view.isCalm = calm.matches);
  takeCalm();
  calm.addEventListener("change", takeCalm);
  const resized = new ResizeObserver(() => {
    view.resize({ width: element.clientWidth, height: element.clientHeight }, devicePixelRatio);
  });
  resized.observe(element);
  const timer = setInterval(summed, SUMMED_MS);
  const stops = [
    cluster.observe(model),
    cluster.subscribe(() => view.request()),
    watchTheme(() => view.setPalette(readPalette())),
    listenForGestures(element, view, {
      hovered(point) {
        const target = point === undefined ? undefined : view.layout.targetAt(point);
        view.setMarks({ hover: target });
        hovered(target, point?.x ?? 0, point?.y ?? 0);
      },
      chosen(point) {
        const target = view.layout.targetAt(point);
        if (target !== undefined) chosen(target);
      },
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    clearInterval(timer);
    resized.disconnect();
    calm.removeEventListener("change", takeCalm);
    view.stop();
  };
}

function selectionOf(cluster: Cluster, target: Target): Selection {
  if (target.kind === "node") return { kind: "node", name: target.node.facts.name };
  return { kind: "task", id: cluster.taskTable.id[target.slot] ?? "" };
}

function targetOf(cluster: Cluster, selected: Selection | undefined): Target | undefined {
  if (selected === undefined) return undefined;
  if (selected.kind === "node") {
    const node = cluster.nodeTable.named(selected.name);
    return node === undefined ? undefined : { kind: "node", node };
  }
  const slot = cluster.taskTable.slotOfId(selected.id);
  const node = slot === undefined ? undefined : cluster.nodeTable.rows[cluster.taskTable.node[slot] ?? -1];
  return slot === undefined || node === undefined ? undefined : { kind: "task", slot, node };
}

function sentence({ title, lines }: Description): string {
  return [title, ...lines].join(", ");
}

/** Beside the pointer, on the side where there is room. */
function tipPlace({ x, y }: Tip, view: MapView | undefined): Record<string, number> {
  const { width, height } = view?.layout.size ?? { width: 0, height: 0 };
  return {
    ...(x > width / 2 ? { right: width - x + 14 } : { left: x + 14 }),
    ...(y > height / 2 ? { bottom: height - y + 10 } : { top: y + 10 }),
  };
}
