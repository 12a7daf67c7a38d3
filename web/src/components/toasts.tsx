/** What came of something that was asked for, in a corner, for a few seconds. Failures stay until they are put away. */
import { useEffect } from "react";
import { Observable, useObservable } from "../app/observable.ts";
import { Icon } from "./icon.tsx";
import "./toasts.css";

interface Toast {
  readonly id: number;
  readonly kind: "good" | "bad";
  readonly text: string;
}

const SHOWN_FOR_MS = 5000;
/** More at once would cover the page. */
const MOST = 4;

const toasts = new Observable<readonly Toast[]>([]);
let lastId = 0;

export function showSuccess(text: string): void {
  show("good", text);
}

/** In the words of the error; an abort is no failure. */
export function showFailure(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  show("bad", messageOf(error));
}

/** What an error says, as a sentence begins. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function show(kind: Toast["kind"], text: string): void {
  lastId += 1;
  toasts.set([...toasts.get(), { id: lastId, kind, text }].slice(-MOST));
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useObservable(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast: { id, kind, text } }: { readonly toast: Toast }) {
  useEffect(() => {
    if (kind === "bad") return undefined;
    const timer = setTimeout(() => dismiss(id), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [id, kind]);
  return (
    <div className={`toast ${kind}`}>
      <span>{text}</span>
      <button type="button" className="button quiet small icon-only" aria-label="Dismiss" onClick={() => dismiss(id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
