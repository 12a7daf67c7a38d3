/** The pages that the navigation, the palette and the shortcuts lead to. */
import type { IconName } from "../components/icon.tsx";

interface PageEntry {
  readonly href: string;
  readonly title: string;
  readonly icon: IconName;
  /** Typed after `g`. */
  readonly key: string;
}

export const PAGES: readonly PageEntry[] = [
  { href: "/", title: "Overview", icon: "overview", key: "o" },
  { href: "/map", title: "Map", icon: "map", key: "m" },
  { href: "/tasks", title: "Tasks", icon: "tasks", key: "t" },
  { href: "/nodes", title: "Nodes", icon: "nodes", key: "n" },
  { href: "/events", title: "Events", icon: "events", key: "e" },
];

export const NEW_TASK = "/tasks/new";

export function taskHref(id: string, tab = ""): string {
  return `/tasks/${encodeURIComponent(id)}${tab === "" ? "" : `/${tab}`}`;
}

export function nodeHref(name: string): string {
  return `/nodes/${encodeURIComponent(name)}`;
}
