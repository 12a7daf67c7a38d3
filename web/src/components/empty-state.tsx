/** Nothing is here: why, and what to do about it. */
import type { ReactNode } from "react";
import { Command } from "./copy-button.tsx";

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** What to type into a terminal. */
  readonly command?: string;
}

export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children === undefined ? null : <p>{children}</p>}
      {command === undefined ? null : <Command>{command}</Command>}
    </div>
  );
}
