/** An address that means nothing, or nothing any more. */
import { Link } from "wouter";
import { EmptyState } from "../components/empty-state.tsx";
import { Page } from "../components/page.tsx";

interface NotFoundProps {
  readonly what: "page" | "task" | "node";
  readonly name?: string;
}

const LISTS = {
  page: { href: "/", title: "To the overview" },
  task: { href: "/tasks", title: "To the tasks" },
  node: { href: "/nodes", title: "To the nodes" },
} as const;

const WHY = {
  page: "Nothing is at this address.",
  task: "There is no task of this id. Ended tasks are kept for a time, and then forgotten.",
  node: "There is no node of this name. It may have been removed.",
} as const;

export function NotFound({ what, name }: NotFoundProps) {
  const { href, title } = LISTS[what];
  return (
    <Page title={`No such ${what}`}>
      <EmptyState title={name ?? "Not found"}>
        {WHY[what]} <Link href={href}>{title}</Link>
      </EmptyState>
    </Page>
  );
}
