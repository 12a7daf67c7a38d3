/** What stands in the place of an answer that is not there yet, or will not come. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { messageOf } from "./toasts.tsx";

interface QueryStateProps<Answer> {
  readonly query: UseQueryResult<Answer>;
  readonly children: (answer: Answer) => ReactNode;
}

/** The answer, once there is one; an older one is better than none while it is asked again. */
export function QueryState<Answer>({ query, children }: QueryStateProps<Answer>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error === null) return <p className="loading">Loading…</p>;
  return (
    <div className="notice bad" role="alert">
      <span>{messageOf(query.error)}</span>
      <button type="button" className="button small" onClick={() => void query.refetch()}>
        Try again
      </button>
    </div>
  );
}
