/**
 * What the live stream does not tell, asked for when it is looked at: details of a task, placements, events, plans. Keys hold
 * what the stream knows of the thing, so that a change there asks again, and nothing is asked at intervals.
 */
import { QueryClient, type UseQueryResult, keepPreviousData, useQuery } from "@tanstack/react-query";
import type { EventJson } from "../../../src/api/event-json.ts";
import type { PlacementJson } from "../../../src/api/placement-json.ts";
import type { PlansJson } from "../../../src/api/plan-json.ts";
import type { TaskJson } from "../../../src/api/task-json.ts";
import { ClientError } from "../../../src/client/client-error.ts";
import { useClient, useTask } from "../live/live-context.tsx";

const MOST_TRIES = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // An answer holds; silence is tried again.
      retry: (failures, error) => failures < MOST_TRIES && error instanceof ClientError && error.isUnreachable,
    },
  },
});

/** Everything about one task, also about one that ended long ago. */
export function useTaskDetails(id: string): UseQueryResult<TaskJson> {
  const client = useClient();
  const live = useTask(id);
  return useQuery({
    queryKey: ["task", id, live?.state, live?.attempt, live?.restarts, live?.health, live?.wish],
    queryFn: ({ signal }) => client.task(id, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function useTaskEvents(id: string): UseQueryResult<readonly EventJson[]> {
  const client = useClient();
  const live = useTask(id);
  return useQuery({
    queryKey: ["task-events", id, live?.state, live?.attempt, live?.restarts, live?.health, live?.wish],
    queryFn: ({ signal }) => client.taskEvents(id, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Why a task is where it is. Of a pending one it is asked again when the reason why it waits is another. */
export function usePlacement(id: string): UseQueryResult<PlacementJson> {
  const client = useClient();
  const live = useTask(id);
  return useQuery({
    queryKey: ["placement", id, live?.state, live?.attempt, live?.state === "pending" ? live.reason : ""],
    queryFn: ({ signal }) => client.placement(id, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** What if: the JSON of a plan's question, undefined while there is none. The answer holds for a moment only. */
export function usePlan(question: string | undefined): UseQueryResult<PlansJson> {
  const client = useClient();
  return useQuery({
    queryKey: ["plan", question],
    queryFn: ({ signal }) => client.planJson(question ?? "", { signal }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
}
