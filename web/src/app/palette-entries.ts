/** What the palette finds for what was typed: pages, tasks, nodes, and deeds on them (`stop web`, `drain worker3`). */
import type { IconName } from "../components/icon.tsx";
import type { Cluster } from "../live/cluster.ts";
import type { LiveNode, LiveTask } from "../live/values.ts";
import { NEW_TASK, nodeHref, PAGES, taskHref } from "./pages.ts";
import { nextTheme, theme } from "./theme.ts";

export interface PaletteEntry {
  readonly key: string;
  readonly icon: IconName;
  readonly what: string;
  /** Beside it, quieter. */
  readonly where: string;
  /** Where it leads, or what it does. */
  readonly to: string | (() => void);
}

interface Deed {
  readonly verb: string;
  readonly icon: IconName;
  readonly of: "task" | "node";
  readonly href: (target: string) => string;
}

/** Each leads to the page that asks before it is done. */
const DEEDS: readonly Deed[] = [
  { verb: "logs", icon: "tasks", of: "task", href: (id) => taskHref(id, "logs") },
  { verb: "explain", icon: "search", of: "task", href: (id) => taskHref(id, "placement") },
  { verb: "stop", icon: "stop", of: "task", href: (id) => `${taskHref(id)}?ask=stop` },
  { verb: "restart", icon: "restart", of: "task", href: (id) => `${taskHref(id)}?ask=restart` },
  { verb: "drain", icon: "drain", of: "node", href: (name) => `${nodeHref(name)}?ask=drain` },
  { verb: "pause", icon: "pause", of: "node", href: (name) => `${nodeHref(name)}?ask=pause` },
  { verb: "activate", icon: "play", of: "node", href: (name) => `${nodeHref(name)}?ask=active` },
];

const MOST_TASKS = 8;
const MOST_NODES = 5;

export function paletteEntries(cluster: Cluster, typed: string): PaletteEntry[] {
  const text = typed.trim().toLowerCase();
  const [first = "", ...others] = text.split(/\s+/);
  const rest = others.join(" ");
  const deeds = first === "" ? [] : DEEDS.filter(({ verb }) => verb.startsWith(first));
  return [
    ...places(text),
    ...(text === "" ? [] : found(cluster, text)),
    ...deeds.flatMap((deed) => (rest === "" && deed.verb !== first ? [] : done(cluster, deed, rest))),
  ];
}

function places(text: string): PaletteEntry[] {
  const entries: readonly PaletteEntry[] = [
    ...PAGES.map(({ href, title, icon }) => ({ key: href, icon, what: title, where: "Page", to: href })),
    { key: NEW_TASK, icon: "plus", what: "New task", where: "Page", to: NEW_TASK },
    {
      key: "theme",
      icon: "dark",
      what: "Switch colours: system, light, dark",
      where: "Setting",
      to: () => theme.set(nextTheme()),
    },
  ];
  return entries.filter(({ what }) => what.toLowerCase().includes(text));
}

function found(cluster: Cluster, text: string): PaletteEntry[] {
  return [
    ...cluster.searchNodes(text, MOST_NODES).map(nodeEntry),
    ...cluster.searchTasks(text, MOST_TASKS).map(taskEntry),
  ];
}

function taskEntry({ id, name, state, node }: LiveTask): PaletteEntry {
  return {
    key: id,
    icon: "tasks",
    what: name,
    where: `${state}${node === undefined ? "" : ` on ${node}`}`,
    to: taskHref(id),
  };
}

function nodeEntry({ name, status, tasks }: LiveNode): PaletteEntry {
  return {
    key: `node ${name}`,
    icon: "nodes",
    what: name,
    where: `${status}, ${String(tasks)} tasks`,
    to: nodeHref(name),
  };
}

function done(cluster: Cluster, { verb, icon, of, href }: Deed, target: string): PaletteEntry[] {
  if (of === "node") {
    return cluster.searchNodes(target, MOST_NODES).map((node) => ({
      ...nodeEntry(node),
      key: `${verb} ${node.name}`,
      icon,
      what: `${capital(verb)} ${node.name}`,
      to: href(node.name),
    }));
  }
  return cluster.searchTasks(target, MOST_TASKS).map((task) => ({
    ...taskEntry(task),
    key: `${verb} ${task.id}`,
    icon,
    what: `${capital(verb)} ${task.name}`,
    to: href(task.id),
  }));
}

function capital(verb: string): string {
  return verb.charAt(0).toUpperCase() + verb.slice(1);
}
