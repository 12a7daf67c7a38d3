/** Keys that work on every page. Single ones wait while something is typed or a dialog is open, and can be turned off. */
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { NEW_TASK, PAGES } from "./pages.ts";
import { singleKeys } from "./preferences.ts";
import { nextTheme, theme } from "./theme.ts";

/** How long `g` waits for its second key. */
const SEQUENCE_MS = 1200;

interface ShortcutHandlers {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

export function useShortcuts(handlers: ShortcutHandlers): void {
  const [, navigate] = useLocation();
  const latest = useRef({ ...handlers, navigate });
  latest.current = { ...handlers, navigate };
  useEffect(() => {
    let goneAt = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent) => {
      const { onPalette, onHelp, navigate: go } = latest.current;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (document.querySelector("dialog[open]") === null) onPalette();
        return;
      }
      if (!singleKeys.get() || isTaken(event)) return;
      const page = event.timeStamp - goneAt < SEQUENCE_MS ? PAGES.find(({ key }) => key === event.key) : undefined;
      goneAt = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const action = page === undefined ? actionOf(event.key, { onPalette, onHelp, go }) : () => go(page.href);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function actionOf(
  key: string,
  { onPalette, onHelp, go }: ShortcutHandlers & { readonly go: (href: string) => void },
): (() => void) | undefined {
  switch (key) {
    case "/":
      return onPalette;
    case "?":
      return onHelp;
    case "c":
      return () => go(NEW_TASK);
    case "d":
      return () => theme.set(nextTheme());
    default:
      return undefined;
  }
}

/** Whether the key is for something else: a field, a dialog, the browser. */
function isTaken({ altKey, ctrlKey, metaKey, defaultPrevented, target }: KeyboardEvent): boolean {
  if (altKey || ctrlKey || metaKey || defaultPrevented) return true;
  if (document.querySelector("dialog[open]") !== null) return true;
  return target instanceof HTMLElement && target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}
