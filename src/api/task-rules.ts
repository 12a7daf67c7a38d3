/**
 * What the schema of a task document cannot say. `documentErrors`: values of the right form that stand for nothing
 * (400). `whyNeverRuns`: a document that is whole and could run on no node there is or will be (422).
 */
import { parseAntiAffinity, parseConstraint } from "../task/constraint.ts";
import type { TaskDocument } from "../task/document.ts";
import { parseDuration } from "../utils/durations.ts";
import { parseSize } from "../utils/sizes.ts";
import type { FieldError } from "./problems.ts";

/** A container engine refuses a limit below this: 6 MiB. */
const LEAST_ENGINE_MEMORY = 6 * 2 ** 20;
/** The kernel's smallest share of a core: 1 ms of each 100 ms. */
const LEAST_ENGINE_CPU = 0.01;
/** 366 days, as for durations given in numbers. */
const LONGEST_MS = 31_622_400_000;

type Rule = (document: TaskDocument, errors: FieldError[]) => void;

/** Errors of a document that has passed the schema; paths are JSON pointers from the document. */
export function documentErrors(document: TaskDocument): FieldError[] {
  return apply([requirements, sizes, durations], document);
}

/** Why no node could ever run the document, which has no `documentErrors`. */
export function whyNeverRuns(document: TaskDocument): FieldError[] {
  return apply([limits, ports, volumes, probe, expressions, workingDir, processAlone], document);
}

function apply(rules: readonly Rule[], document: TaskDocument): FieldError[] {
  const errors: FieldError[] = [];
  for (const rule of rules) rule(document, errors);
  return errors;
}

const requirements: Rule = ({ runtime = "docker", image, command }, errors) => {
  if (runtime === "docker" && image === undefined) {
    const hint = command === undefined ? "" : ' (a plain command needs "runtime": "process")';
    errors.push({ path: "/image", message: `is missing: the docker runtime needs one${hint}` });
  }
  if (runtime === "process" && command === undefined) {
    errors.push({ path: "/command", message: "is missing: the process runtime needs one" });
  }
};

const sizes: Rule = (document, errors) => {
  for (const field of ["memory", "disk"] as const) {
    const value = document[field];
    if (value === undefined || parseSize(value) !== undefined) continue;
    errors.push({ path: `/${field}`, message: "is more bytes than can be counted" });
  }
};

const durations: Rule = ({ restart, reschedule, health, startTimeout, stopTimeout }, errors) => {
  const check = (path: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    const ms = parseDuration(value);
    if (ms === undefined || ms > LONGEST_MS) errors.push({ path, message: "must be at most 366 days" });
  };
  check("/restart/window", restart?.window);
  check("/restart/delay", restart?.delay);
  check("/restart/delayMax", restart?.delayMax);
  check("/reschedule/delay", reschedule?.delay);
  check("/health/interval", health?.interval);
  check("/health/timeout", health?.timeout);
  check("/health/startPeriod", health?.startPeriod);
  check("/startTimeout", startTimeout);
  check("/stopTimeout", stopTimeout);
};

/** Limits that the engine would refuse. A limit of 0 is none. */
const limits: Rule = ({ runtime = "docker", cpu = 0, memory = 0 }, errors) => {
  if (runtime !== "docker") return;
  const bytes = parseSize(memory) ?? 0;
  if (bytes > 0 && bytes < LEAST_ENGINE_MEMORY) {
    errors.push({ path: "/memory", message: `is ${String(bytes)} bytes; no container runs with less than 6 MiB` });
  }
  if (cpu > 0 && cpu < LEAST_ENGINE_CPU) {
    errors.push({ path: "/cpu", message: "no container runs with less than 0.01 cores" });
  }
};

const ports: Rule = (document, errors) => {
  const fixed = (document.ports ?? []).map(({ host = 0, protocol = "tcp", wish = false }) =>
    host === 0 || wish ? "" : `${String(host)}/${protocol}`,
  );
  for (const [index, port] of fixed.entries()) {
    const first = fixed.indexOf(port);
    if (port === "" || first === index) continue;
    errors.push({ path: `/ports/${String(index)}/host`, message: `asks for ${port}, as /ports/${String(first)} does` });
  }
};

const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

const volumes: Rule = (document, errors) => {
  const targets = new Set<string>();
  for (const [index, { source, target }] of (document.volumes ?? []).entries()) {
    const path = `/volumes/${String(index)}`;
    const wrong = wrongSource(source);
    if (wrong !== undefined) errors.push({ path: `${path}/source`, message: wrong });
    const mounted = target.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
    if (mounted === "/") {
      errors.push({ path: `${path}/target`, message: "nothing can be mounted over the whole container" });
    } else if (targets.has(mounted)) {
      errors.push({ path: `${path}/target`, message: `two volumes cannot be mounted at ${mounted}` });
    }
    targets.add(mounted);
  }
};

function wrongSource(source: string): string | undefined {
  if (source.startsWith("/")) return source.split("/").includes("..") ? "must be a path without .." : undefined;
  if (source.includes("/")) return "is a relative path; a path on the node must begin with /";
  if (VOLUME_NAME.test(source)) return undefined;
  return "a volume's name has letters, digits and . _ - and begins with a letter or digit";
}

const probe: Rule = ({ health, ports: published = [] }, errors) => {
  if (health === undefined) return;
  const kinds = (["http", "tcp", "command"] as const).filter((kind) => health[kind] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? "none of them" : kinds.join(" and ");
    errors.push({ path: "/health", message: `must have one of http, tcp and command; it has ${found}` });
    return;
  }
  const [kind] = kinds;
  if (kind === undefined || kind === "command" || health[kind]?.port !== undefined) return;
  const [first] = published;
  if (first === undefined) {
    errors.push({ path: `/health/${kind}`, message: "names no port, and the task has no ports to take the first of" });
  } else if (first.protocol === "udp") {
    errors.push({ path: `/health/${kind}`, message: "names no port, and the task's first one is udp" });
  }
};

const expressions: Rule = ({ constraints = [], antiAffinity = [] }, errors) => {
  for (const [index, text] of constraints.entries()) {
    const parsed = parseConstraint(text);
    if (parsed.kind === "malformed") errors.push({ path: `/constraints/${String(index)}`, message: parsed.message });
  }
  for (const [index, text] of antiAffinity.entries()) {
    const parsed = parseAntiAffinity(text);
    if (parsed.kind === "malformed") errors.push({ path: `/antiAffinity/${String(index)}`, message: parsed.message });
  }
};

const workingDir: Rule = (document, errors) => {
  if (document.workingDir === undefined || document.workingDir.startsWith("/")) return;
  errors.push({ path: "/workingDir", message: "must be an absolute path" });
};

/** What the process runtime does not have at all. */
const processAlone: Rule = (document, errors) => {
  if (document.runtime !== "process") return;
  for (const field of ["image", "registryAuth"] as const) {
    if (document[field] !== undefined)
      errors.push({ path: `/${field}`, message: "the process runtime runs no images" });
  }
  if (document.volumes !== undefined && document.volumes.length > 0) {
    errors.push({ path: "/volumes", message: "the process runtime mounts no volumes" });
  }
};
