/** The task as a form: what most tasks need in sight, the rest behind it. What it cannot show, the editor can. */
import { Segmented } from "../../components/segmented.tsx";
import { lines, number, ports, record, text, volumes, words } from "./codecs.ts";
import { memberOf, withMember } from "./draft.ts";
import { Field, type FormState } from "./field.tsx";

const RUNTIMES = [
  { value: "docker", label: "Container" },
  { value: "process", label: "Process" },
] as const;

const POLICIES = [
  { value: "", label: "When it fails (default)" },
  { value: "always", label: "Always" },
  { value: "never", label: "Never" },
];

const PROBES = [
  { value: "none", label: "None" },
  { value: "http", label: "HTTP" },
  { value: "tcp", label: "TCP" },
  { value: "command", label: "Command" },
] as const;

export function TaskForm({ form }: { readonly form: FormState }) {
  const { draft, onChange } = form;
  const runtime = memberOf(draft, "/runtime") === "process" ? "process" : "docker";
  return (
    <div className="form">
      <fieldset>
        <legend>What runs</legend>
        <div className="fields">
          <div className="full">
            <Segmented
              label="Runtime"
              choices={RUNTIMES}
              value={runtime}
              onChange={(value) => onChange(withMember(draft, "/runtime", value === "docker" ? undefined : value))}
            />
          </div>
          <Field form={form} path="/name" label="Name" codec={text} placeholder="web" hint="Made up, if left empty" />
          {runtime === "docker" ? (
            <Field form={form} path="/image" label="Image" codec={text} placeholder="nginx:1.27" />
          ) : null}
          <Field
            form={form}
            path="/command"
            label="Command"
            codec={words}
            placeholder="sh -c 'echo hello'"
            {...(runtime === "docker" ? { hint: "Else what the image says" } : {})}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>What it needs</legend>
        <div className="fields">
          <Field form={form} path="/cpu" label="CPU" codec={number} placeholder="0.1" hint="Cores" />
          <Field form={form} path="/memory" label="Memory" codec={text} placeholder="64MiB" />
          <Field form={form} path="/disk" label="Disk" codec={text} placeholder="0" />
          <Field
            form={form}
            path="/ports"
            label="Ports"
            codec={ports}
            placeholder="80, 8080:80, 53/udp"
            hint="The node's port is a free one, unless written before it"
          />
        </div>
      </fieldset>
      <HealthFields form={form} />
      <details>
        <summary>Environment, placement, restarts</summary>
        <div className="fields">
          <Field
            form={form}
            path="/env"
            label="Environment"
            codec={record}
            isLong
            placeholder="KEY=value"
            hint="One a line"
          />
          <Field
            form={form}
            path="/labels"
            label="Labels"
            codec={record}
            isLong
            placeholder="tier=web"
            hint="One a line"
          />
          <Field
            form={form}
            path="/constraints"
            label="Only on nodes where"
            codec={lines}
            isLong
            placeholder="label.disk == ssd"
            hint="All of these, one a line"
          />
          <Field
            form={form}
            path="/antiAffinity"
            label="Not beside"
            codec={lines}
            isLong
            placeholder="web"
            hint="Task names, or label.key == value, one a line"
          />
          <Field
            form={form}
            path="/volumes"
            label="Volumes"
            codec={volumes}
            isLong
            placeholder="data:/data"
            hint="NAME:/path or /source:/path:ro, one a line"
          />
          <Field form={form} path="/restart/policy" label="Restart" codec={text} choices={POLICIES} />
          <Field form={form} path="/restart/attempts" label="Restarts at most" codec={number} placeholder="3" />
          <Field form={form} path="/priority" label="Priority" codec={number} placeholder="50" hint="0 to 100" />
        </div>
      </details>
    </div>
  );
}

function HealthFields({ form }: { readonly form: FormState }) {
  const { draft, onChange } = form;
  const health = memberOf(draft, "/health");
  const probe =
    PROBES.find(({ value }) => typeof health === "object" && health !== null && value in health)?.value ?? "none";
  const choose = (value: (typeof PROBES)[number]["value"]) => {
    const fresh = {
      none: undefined,
      http: { http: { path: "/health" } },
      tcp: { tcp: {} },
      command: { command: ["true"] },
    };
    onChange(withMember(draft, "/health", fresh[value]));
  };
  return (
    <fieldset>
      <legend>Health check</legend>
      <div className="fields">
        <div className="full">
          <Segmented label="Health check" choices={PROBES} value={probe} onChange={choose} />
        </div>
        {probe === "http" ? (
          <Field form={form} path="/health/http/path" label="Path" codec={text} placeholder="/" />
        ) : null}
        {probe === "http" || probe === "tcp" ? (
          <Field
            form={form}
            path={`/health/${probe}/port`}
            label="Port"
            codec={number}
            hint="The first of the ports, if left empty"
          />
        ) : null}
        {probe === "command" ? <Field form={form} path="/health/command" label="Command" codec={words} /> : null}
        {probe === "none" ? null : (
          <Field form={form} path="/health/interval" label="Every" codec={text} placeholder="10s" />
        )}
      </div>
    </fieldset>
  );
}
