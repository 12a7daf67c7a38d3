/** `GET /discovery/prometheus`: the form that Prometheus reads with `http_sd_configs`. */
import { Type } from "typebox";

export const PrometheusTargetsSchema = Type.Array(
  Type.Object({
    targets: Type.Array(Type.String({ description: "`host:port`" })),
    labels: Type.Record(Type.String(), Type.String(), {
      description: "Of all series of the target; those that begin with `__` are for Prometheus itself",
    }),
  }),
);

export type PrometheusTargets = Type.Static<typeof PrometheusTargetsSchema>;
