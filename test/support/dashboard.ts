/** What a Grafana dashboard asks Prometheus. */
interface Dashboard {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly definition?: string }[] };
}

/** The expressions of its panels and variables, with the dashboard's variables as Grafana fills them in for "all". */
export function dashboardQueries(text: string): readonly string[] {
  const { panels, templating } = JSON.parse(text) as Dashboard;
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const definitions = templating.list.flatMap(({ definition = "" }) => {
    const selector = /^label_values\((.*), \w+\)$/.exec(definition)?.[1];
    return selector === undefined ? [] : [selector];
  });
  return [...expressions, ...definitions].map((query) =>
    query.replaceAll("$__rate_interval", "1m").replaceAll(/\$(?:node|task)\b/g, ".*"),
  );
}
