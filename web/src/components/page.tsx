/** The frame of a page, and the panels in it. */
import { type ReactNode, useEffect, useId } from "react";
import "./controls.css";
import "./page.css";

interface PageProps {
  readonly title: string;
  /** Beside the title: a state. */
  readonly badge?: ReactNode;
  /** Below the title: a sentence. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Fills the window and scrolls inside, as lists and the map do. */
  readonly fills?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, badge, note, actions, fills = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Birdman`;
  }, [title]);
  return (
    <div className={fills ? "page fills" : "page"}>
      <div className="page-head">
        <div className="page-title">
          <h1>{title}</h1>
          {badge}
        </div>
        {actions === undefined ? null : <div className="toolbar">{actions}</div>}
        {note === undefined ? null : <p className="page-note">{note}</p>}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  readonly actions?: ReactNode;
  /** No room around what is in it: tables bring their own. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush = false, className = "", children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      <div className={flush ? "body flush" : "body"}>{children}</div>
    </section>
  );
}

/** Terms and what they are; what is undefined is left out. */
export function Facts({ facts }: { readonly facts: Readonly<Record<string, ReactNode>> }) {
  return (
    <dl className="facts">
      {Object.entries(facts).map(([term, fact]) =>
        fact === undefined ? null : (
          <div key={term} style={{ display: "contents" }}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
