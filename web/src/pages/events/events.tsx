/** Everything that happened and happens: live, and filtered by kind and by words. */
import { useDeferredValue, useMemo } from "react";
import { useSearchParams } from "wouter";
import type { EventJson } from "../../../../src/api/event-json.ts";
import { Page } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { type Choice, Segmented } from "../../components/segmented.tsx";
import { EventFeed } from "./event-feed.tsx";

const KINDS: readonly Choice<EventJson["kind"] | "all">[] = [
  { value: "all", label: "All" },
  { value: "task", label: "Tasks" },
  { value: "node", label: "Nodes" },
  { value: "manager", label: "Manager" },
];

export function Events() {
  const [search, setSearch] = useSearchParams();
  const kind = KINDS.find(({ value }) => value === search.get("kind"))?.value ?? "all";
  const typed = search.get("q") ?? "";
  const deferred = useDeferredValue(typed);
  const test = useMemo(() => meansEvent(deferred), [deferred]);
  const change = (next: { readonly kind: string; readonly q: string }) =>
    setSearch(
      { ...(next.kind === "all" ? {} : { kind: next.kind }), ...(next.q === "" ? {} : { q: next.q }) },
      { replace: true },
    );
  return (
    <Page title="Events" fills>
      <div className="toolbar">
        <SearchField
          label="Filter by node, state, id or words of the reason"
          placeholder="Node, state, id, or words of the reason"
          value={typed}
          onChange={(value) => change({ kind, q: value })}
        />
        <Segmented label="Kind" choices={KINDS} value={kind} onChange={(value) => change({ kind: value, q: typed })} />
      </div>
      <div className="panel table-panel">
        <EventFeed filter={kind === "all" ? {} : { kind }} fills test={test} />
      </div>
    </Page>
  );
}

function meansEvent(typed: string): (event: EventJson) => boolean {
  const words = typed.toLowerCase().split(/\s+/);
  return ({ task, node, from, to, reason }) => {
    const text = `${task ?? ""} ${node ?? ""} ${from ?? ""} ${to ?? ""} ${reason}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
