/** What stands around every page: navigation, search, the state of the connection, and the dialogs that any page may need. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { Icon } from "../components/icon.tsx";
import { formatCount } from "../components/format.ts";
import { useTotals } from "../live/live-context.tsx";
import { ConnectionBanner, ConnectionState } from "./connection.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { useObservable } from "./observable.ts";
import { NEW_TASK, PAGES } from "./pages.ts";
import { Palette } from "./palette.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { nextTheme, theme } from "./theme.ts";
import { TokenDialog } from "./token-dialog.tsx";
import "../components/controls.css";
import "./shell.css";

type Overlay = "palette" | "help" | undefined;

export function Shell({ children }: { readonly children: ReactNode }) {
  const [overlay, setOverlay] = useState<Overlay>();
  const close = () => setOverlay(undefined);
  useShortcuts({ onPalette: () => setOverlay("palette"), onHelp: () => setOverlay("help") });
  const main = useMainOfPage();
  return (
    <div className="shell">
      <a className="skip-link" href="#main" onClick={() => main.current?.focus()}>
        Skip to the page
      </a>
      <header className="top">
        <Brand />
        <Link href={NEW_TASK} className="button quiet icon-only" aria-label="New task">
          <Icon name="plus" />
        </Link>
        <button
          type="button"
          className="button quiet icon-only"
          aria-label="Search"
          onClick={() => setOverlay("palette")}
        >
          <Icon name="search" />
        </button>
        <ThemeButton />
      </header>
      <aside className="side" aria-label="Birdman">
        <Brand />
        <button type="button" className="button jump" onClick={() => setOverlay("palette")}>
          <Icon name="search" />
          Search
          <kbd>Ctrl K</kbd>
        </button>
        <Navigation />
        <Link href={NEW_TASK} className="button primary new-task">
          <Icon name="plus" />
          New task
        </Link>
        <div className="side-foot">
          <ConnectionState />
          <div className="side-tools">
            <ThemeButton />
            <button
              type="button"
              className="button quiet icon-only"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts"
              onClick={() => setOverlay("help")}
            >
              <Icon name="keyboard" />
            </button>
          </div>
        </div>
      </aside>
      <div className="stage">
        <div className="banner">
          <ConnectionBanner />
        </div>
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      {overlay === "palette" ? <Palette onClose={close} /> : null}
      {overlay === "help" ? <HelpDialog onClose={close} /> : null}
      <TokenDialog />
    </div>
  );
}

/** A new page begins at its top, and so do the keyboard and the screen reader. */
function useMainOfPage() {
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const page = path.split("/").slice(0, 3).join("/");
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus();
    main.current?.scrollTo(0, 0);
  }, [page]);
  return main;
}

function Navigation() {
  const [path] = useLocation();
  const { tasks, nodes } = useTotals();
  const counts: Readonly<Record<string, number>> = {
    "/tasks": tasks.pending + tasks.scheduled + tasks.running,
    "/nodes": nodes.ready,
  };
  return (
    <nav aria-label="Pages">
      <ul>
        {PAGES.map(({ href, title, icon }) => {
          const isHere = href === "/" ? path === "/" : path.startsWith(href) && path !== NEW_TASK;
          const count = counts[href];
          return (
            <li key={href}>
              <Link href={href} className="nav-link" aria-current={isHere ? "page" : undefined}>
                <Icon name={icon} />
                {title}
                {count === undefined ? null : (
                  <span className="nav-count" aria-hidden="true">
                    {formatCount(count)}
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Brand() {
  return (
    <Link href="/" className="brand" aria-label="Birdman, overview">
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="currentColor">
        <path d="M2 5c5 0 8 2 10 6c2-4 5-6 10-6c-1 4-3 6-6 7c2 1 3 3 3 6c-3-1-5-2-7-5c-2 3-4 4-7 5c0-3 1-5 3-6C5 11 3 9 2 5z" />
      </svg>
      Birdman
    </Link>
  );
}

const THEME_WORDS = { system: "as the system has it", light: "light", dark: "dark" } as const;

function ThemeButton() {
  const current = useObservable(theme);
  const label = `Colours: ${THEME_WORDS[current]}`;
  return (
    <button
      type="button"
      className="button quiet icon-only"
      aria-label={label}
      title={label}
      onClick={() => theme.set(nextTheme())}
    >
      <Icon name={current} />
    </button>
  );
}
