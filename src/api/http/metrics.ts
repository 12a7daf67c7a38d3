/** `GET /metrics` of both servers, and what is measured of every request that they answer. */
import type { FastifyInstance } from "fastify";
import { Counter, Histogram, type Registry } from "prom-client";
import { EXPOSITION_TYPE, exposition, type ServerMetrics } from "../metrics/server-metrics.ts";
import { noQuery } from "./requests.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** To be called for the whole server: a route that is added later is measured too. */
export function metricsRoutes(app: FastifyInstance, metrics: ServerMetrics): void {
  measureRequests(app, metrics.registry);
  app.get("/metrics", async ({ query }, reply) => {
    noQuery(query);
    return reply.type(EXPOSITION_TYPE).send(await exposition(metrics));
  });
}

/** By the route's pattern, never by the path: there are as many series as routes. */
function measureRequests(app: FastifyInstance, registry: Registry): void {
  const registers = [registry];
  const requests = new Counter({
    name: "birdman_http_requests_total",
    help: "Requests that were answered; the route of what has no address here is none",
    labelNames: ["route", "method", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "birdman_http_request_duration_seconds",
    help: "Time from a request to the end of its answer; of a stream, until it ends",
    labelNames: ["route", "method"],
    buckets: SECONDS,
    registers,
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? "none";
    requests.inc({ route, method, status: String(reply.statusCode) });
    durations.observe({ route, method }, reply.elapsedTime / 1000);
    done();
  });
}
