/** States in a word, with a mark that tells them apart without colours. */
import type { NodeJson } from "../../../src/api/node-json.ts";
import type { TaskJson } from "../../../src/api/task-json.ts";
import { capitalised } from "./format.ts";
import "./badge.css";

type Kind = "good" | "busy" | "waiting" | "bad" | "over";

interface Word {
  readonly word: string;
  readonly kind: Kind;
}

const STATES: Readonly<Record<TaskJson["state"], Kind>> = {
  pending: "waiting",
  scheduled: "busy",
  running: "good",
  completed: "over",
  failed: "bad",
};

interface TaskStanding {
  readonly state: TaskJson["state"];
  readonly health: TaskJson["health"];
  /** It has been asked to stop, and still runs. */
  readonly isStopping?: boolean;
}

/** One word for what state, health and wish come to. */
function standing({ state, health, isStopping = false }: TaskStanding): Word {
  if (isStopping && (state === "running" || state === "scheduled")) return { word: "stopping", kind: "busy" };
  if (state === "running" && health === "unhealthy") return { word: "unhealthy", kind: "bad" };
  if (state === "running" && health === "starting") return { word: "starting", kind: "busy" };
  return { word: state, kind: STATES[state] };
}

export function TaskBadge(task: TaskStanding) {
  const { word, kind } = standing(task);
  return <Badge kind={kind} word={word} />;
}

const NODE_KINDS: Readonly<Record<NodeJson["status"], Kind>> = {
  ready: "good",
  unreachable: "waiting",
  lost: "bad",
  left: "over",
};

/** A node that is ready and takes no tasks says that instead. */
export function NodeBadge({ status, availability }: Pick<NodeJson, "status" | "availability">) {
  if (status === "ready" && availability === "drain") return <Badge kind="busy" word="draining" />;
  if (status === "ready" && availability === "pause") return <Badge kind="waiting" word="paused" />;
  return <Badge kind={NODE_KINDS[status]} word={status} />;
}

export function Badge({ kind, word }: { readonly kind: Kind; readonly word: string }) {
  return <span className={`badge ${kind}`}>{capitalised(word)}</span>;
}

export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <span className="label-chips">
      {Object.entries(labels).map(([key, value]) => (
        <span className="label-chip" key={key}>
          {value === "" ? key : `${key}=${value}`}
        </span>
      ))}
    </span>
  );
}
