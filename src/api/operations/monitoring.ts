/** For those who watch the manager. */
import { Type } from "typebox";
import { PrometheusTargetsSchema } from "../discovery-json.ts";
import { json, NO_PARAMETERS, type Operation, plainText } from "./operation.ts";

const Status = (word: string) => Type.Object({ status: Type.Literal(word) });

/** Whoever asks whether it is up (a supervisor, a load balancer) has no token, and learns nothing else. */
const open = { method: "get", tag: "monitoring", access: "open", whileStarting: true } as const;

export const MONITORING_OPERATIONS = {
  health: {
    ...open,
    path: "/healthz",
    summary: "Ask whether the manager is alive",
    answers: { 200: json("It is", Status("ok")) },
  },
  readiness: {
    ...open,
    path: "/readyz",
    summary: "Ask whether the manager serves requests",
    answers: { 200: json("It does", Status("ready")) },
    problems: ["unavailable"],
  },
  metrics: {
    method: "get",
    path: "/metrics",
    tag: "monitoring",
    summary: "Read the metrics",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: plainText("The text format of Prometheus") },
  },
  prometheusTargets: {
    method: "get",
    path: "/discovery/prometheus",
    tag: "monitoring",
    summary: "List what Prometheus is to scrape",
    description: "This manager and its workers, in the form of `http_sd_configs`.",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("Targets with their labels", PrometheusTargetsSchema) },
  },
  openApi: {
    ...open,
    path: "/openapi.json",
    summary: "Show this description",
    answers: { 200: json("OpenAPI 3.1", Type.Object({ openapi: Type.String() }, { additionalProperties: true })) },
  },
} as const satisfies Record<string, Operation>;
