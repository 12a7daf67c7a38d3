/** The dashboard: what its pages share, and which page an address means. */
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { ErrorBoundary } from "../components/error-boundary.tsx";
import { Toasts } from "../components/toasts.tsx";
import { LiveProvider } from "../live/live-context.tsx";
import { MapPage } from "../pages/map/map-page.tsx";
import { NotFound } from "../pages/not-found.tsx";
import { Overview } from "../pages/overview/overview.tsx";
import "../styles/tokens.css";
import "../styles/base.css";
import { live } from "./live.ts";
import { useObservable } from "./observable.ts";
import { loadedPersistently } from "./persistently.ts";
import { queryClient } from "./queries.ts";
import { session } from "./session.ts";
import { Shell } from "./shell.tsx";

// The first page and the map come at once: a manager that tells of a large cluster has no time for files meanwhile. Each of
// the others comes when it is gone to.
const Tasks = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/tasks/tasks.tsx"))).Tasks,
}));
const TaskPage = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/task/task-page.tsx"))).TaskPage,
}));
const NewTask = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/new-task/new-task.tsx"))).NewTask,
}));
const Nodes = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/nodes/nodes.tsx"))).Nodes,
}));
const NodePage = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/node/node-page.tsx"))).NodePage,
}));
const Events = lazy(async () => ({
  default: (await loadedPersistently(async () => import("../pages/events/events.tsx"))).Events,
}));

export function App() {
  const { client } = useObservable(session);
  // Another client may see what this one did not.
  useEffect(() => void queryClient.resetQueries(), [client]);
  return (
    <QueryClientProvider client={queryClient}>
      <LiveProvider client={client} live={live}>
        <Router base="/ui">
          <Shell>
            <Pages />
          </Shell>
        </Router>
        <Toasts />
      </LiveProvider>
    </QueryClientProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  return (
    <ErrorBoundary resetKey={path}>
      <Suspense fallback={<p className="loading">Loading…</p>}>
        <Switch>
          <Route path="/">
            <Overview />
          </Route>
          <Route path="/map">
            <MapPage />
          </Route>
          <Route path="/tasks">
            <Tasks />
          </Route>
          <Route path="/tasks/new">
            <NewTask />
          </Route>
          <Route path="/tasks/:id/:tab?">
            {({ id, tab }) => <TaskPage key={id} id={id} tab={tab ?? "overview"} />}
          </Route>
          <Route path="/nodes">
            <Nodes />
          </Route>
          <Route path="/nodes/:name">{({ name }) => <NodePage key={name} name={name} />}</Route>
          <Route path="/events">
            <Events />
          </Route>
          <Route>
            <NotFound what="page" />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}
