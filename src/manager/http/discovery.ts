/**
 * `/discovery/prometheus`: what Prometheus is to scrape, in the format of its `http_sd_configs`: this manager, by the
 * address that it was asked at, and the workers whose own API can be reached from where Prometheus is.
 */
import type { FastifyInstance } from "fastify";
import { isLoopback } from "../../api/access.ts";
import { noQuery } from "../../api/http/requests.ts";
import type { PrometheusTargets } from "../../api/discovery-json.ts";
import type { NodeSnapshot } from "../metrics/cluster-snapshot.ts";
import type { ManagerService } from "../service.ts";

/** `listenHost`: the address that this manager listens on. */
export function discoveryRoutes(app: FastifyInstance, service: ManagerService, listenHost: string): void {
  // Whoever reaches a manager on loopback is on its machine, and so are its workers.
  const isReached = isLoopback(listenHost) ? () => true : ({ hostname }: URL) => !isLoopback(hostname);

  app.get("/discovery/prometheus", async ({ query, protocol, host }): Promise<PrometheusTargets> => {
    noQuery(query);
    const manager = { targets: [host], labels: { __scheme__: protocol, component: "manager" } };
    const { nodes } = await service.snapshot();
    return [manager, ...nodes.flatMap((node) => workerTarget(node, isReached))];
  });
}

/** A worker that is lost is still to be scraped: that this fails is worth knowing. One that said goodbye is not. */
function workerTarget({ facts, status }: NodeSnapshot, isReached: (api: URL) => boolean): PrometheusTargets {
  const api = facts.api === undefined ? null : URL.parse(facts.api);
  if (api === null || status === "left" || !isReached(api)) return [];
  const labels = {
    __scheme__: api.protocol.slice(0, -1),
    component: "worker",
    node: facts.name,
    ...Object.fromEntries(Object.entries(facts.labels).map(([key, value]) => [metaLabel(key), value])),
  };
  return [{ targets: [api.host], labels }];
}

/** For relabelling: Prometheus drops what begins like this before it scrapes. */
function metaLabel(key: string): string {
  return `__meta_birdman_label_${key.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`;
}
