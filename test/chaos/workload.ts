/** What the users of the cluster will do, drawn from the seed before it begins: which tasks they start, stop and move, and when. */
import type { Availability } from "../../src/node/node.ts";
import type { TaskDocument } from "../../src/task/document.ts";
import { BUSYBOX } from "../support/engines.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import type { Journal } from "./journal.ts";

/** How a task goes when nothing happens to it. */
export type Fate =
  /** It runs until it is stopped. */
  | { readonly kind: "endless" }
  /** It ends, and ends again when it is tried again, with the exit code. */
  | { readonly kind: "ends"; readonly code: number }
  /** It ends and is started again, for ever. */
  | { readonly kind: "loops" }
  /** It cannot be started. */
  | { readonly kind: "unstartable" };

export interface PlannedTask {
  readonly name: string;
  readonly document: TaskDocument;
  readonly fate: Fate;
  /** It must never run twice at the same time. */
  readonly isFenced: boolean;
  /** What its page on its published port says; undefined where it has none. */
  readonly page: string | undefined;
}

export type UserAction =
  | { readonly kind: "submit"; readonly key: string; readonly tasks: readonly PlannedTask[] }
  | { readonly kind: "stop"; readonly task: string }
  | { readonly kind: "restart"; readonly task: string; readonly key: string }
  | { readonly kind: "availability"; readonly node: number; readonly availability: Availability };

export interface Planned<T> {
  /** From the beginning. */
  readonly atMs: number;
  readonly what: T;
}

export interface WorkloadOptions {
  readonly random: SeededRandom;
  readonly durationMs: number;
  readonly nodes: number;
  readonly journal: Journal;
}

/** As many that run until they are stopped are wanted at a time. */
const MOST_ENDLESS = 40;
const MOST_IN_A_LIST = 4;
/** So that there is something to break from the beginning. */
const FIRST_TASKS = 15;
/** Between two actions, from and to. */
const GAP_MS = [300, 2400] as const;
const AWAY_MS = [3000, 15_000] as const;

export function planWorkload(options: WorkloadOptions): Planned<UserAction>[] {
  const { random, durationMs, nodes } = options;
  const plan: Planned<UserAction>[] = [];
  const endless: string[] = [];
  const awayUntil = Array.from({ length: nodes }, () => 0);
  let made = 0;
  const newTask = (): PlannedTask => {
    made += 1;
    const task = drawTask(options, made);
    if (task.fate.kind === "endless" || task.fate.kind === "loops") endless.push(task.name);
    return task;
  };
  const first = Array.from({ length: FIRST_TASKS }, newTask);
  plan.push({ atMs: 0, what: { kind: "submit", key: "submit-first", tasks: first } });
  for (let atMs = GAP_MS[0]; atMs < durationMs; atMs += random.between(...GAP_MS)) {
    const dice = random.next();
    if (dice < 0.72 || endless.length === 0) {
      const count = random.chance(0.12) ? 1 + random.below(MOST_IN_A_LIST) : 1;
      const tasks = Array.from({ length: count }, newTask);
      plan.push({ atMs, what: { kind: "submit", key: `submit-${String(made)}`, tasks } });
    } else if (dice < 0.86) {
      plan.push({ atMs, what: { kind: "stop", task: takeOne(endless, random) } });
    } else if (dice < 0.94) {
      const task = random.pick(endless);
      plan.push({ atMs, what: { kind: "restart", task, key: `restart-${String(plan.length)}` } });
    } else {
      const node = random.below(nodes);
      if ((awayUntil[node] ?? 0) > atMs) continue;
      const back = atMs + random.between(...AWAY_MS);
      awayUntil[node] = back;
      const availability = random.pick(["drain", "pause"] as const);
      plan.push({ atMs, what: { kind: "availability", node, availability } });
      plan.push({ atMs: back, what: { kind: "availability", node, availability: "active" } });
    }
    if (endless.length > MOST_ENDLESS) plan.push({ atMs, what: { kind: "stop", task: takeOne(endless, random) } });
  }
  return plan.sort((a, b) => a.atMs - b.atMs);
}

function takeOne(names: string[], random: SeededRandom): string {
  return names.splice(random.below(names.length), 1)[0] ?? "";
}

/** A kind of task, as often as its weight says. */
interface Kind {
  readonly weight: number;
  readonly name: string;
  draw(draft: Draft): Drawn;
}

interface Draft {
  readonly random: SeededRandom;
  readonly name: string;
  /** The command line that notes its runs; see `Journal`. */
  readonly script: (work: string, isFenced?: boolean) => string[];
}

interface Drawn {
  readonly document: TaskDocument;
  readonly fate: Fate;
  readonly page?: string;
}

/** What is killed is to be tried again, however often that happens. */
const NEVER_GIVE_UP = { attempts: 1000, delay: "300ms", delayMax: "3s" } as const;
const SOON = { attempts: 1000, delay: "500ms" } as const;
const WAIT_FOR_EVER = "sleep 1000000 & wait";

const KINDS: readonly Kind[] = [
  {
    weight: 26,
    name: "endless",
    draw: ({ random, script }) => ({
      document: {
        command: random.chance(0.5) ? script(WAIT_FOR_EVER) : script("sleep 1000000"),
        restart: random.pick([
          { policy: "on-failure", ...NEVER_GIVE_UP },
          { policy: "always", delay: "300ms", delayMax: "3s" },
          { policy: "never" },
        ] as const),
        reschedule: SOON,
      },
      fate: { kind: "endless" },
    }),
  },
  {
    weight: 14,
    name: "fenced",
    draw: ({ random, script }) => ({
      document: {
        command: random.chance(0.5) ? script(WAIT_FOR_EVER, true) : script("sleep 1000000", true),
        restart: { policy: "on-failure", ...NEVER_GIVE_UP },
        reschedule: { ...SOON, onDisconnect: "stop" },
      },
      fate: { kind: "endless" },
    }),
  },
  {
    weight: 6,
    name: "fenced-short",
    draw: ({ random, script }) => ({
      document: {
        command: script(`${nap(random, 1, 30)}; finish 0`, true),
        restart: { policy: "on-failure", ...NEVER_GIVE_UP },
        reschedule: { ...SOON, onDisconnect: "stop" },
      },
      fate: { kind: "ends", code: 0 },
    }),
  },
  {
    weight: 12,
    name: "page",
    draw: ({ random, script, name }) => ({
      document: {
        command: script(`mkdir /page; echo ${name} >/page/index.html; httpd -p 80 -h /page; ${WAIT_FOR_EVER}`),
        ports: [{ container: 80 }],
        restart: { policy: "on-failure", ...NEVER_GIVE_UP },
        reschedule: SOON,
        ...(random.chance(0.5) ? { health: { http: { path: "/" }, interval: "3s", timeout: "2s" } } : {}),
      },
      fate: { kind: "endless" },
      page: name,
    }),
  },
  {
    weight: 18,
    name: "short",
    draw: ({ random, script }) => ({
      document: {
        command: script(`${nap(random, 0, 20)}; finish 0`),
        restart: random.chance(0.7) ? { policy: "on-failure", ...NEVER_GIVE_UP } : { policy: "never" },
        reschedule: SOON,
      },
      fate: { kind: "ends", code: 0 },
    }),
  },
  {
    weight: 12,
    name: "failing",
    draw: ({ random, script }) => {
      const code = 1 + random.below(100);
      const isTriedAgain = random.chance(0.5);
      return {
        document: {
          command: script(`${nap(random, 0, 5)}; finish ${String(code)}`),
          restart: isTriedAgain
            ? { policy: "on-failure", attempts: 1 + random.below(2), delay: "300ms", delayMax: "1s" }
            : { policy: "never" },
          reschedule: { attempts: random.below(2), delay: "500ms" },
        },
        fate: { kind: "ends", code },
      };
    },
  },
  {
    weight: 4,
    name: "big",
    draw: ({ random, script }) => ({
      document: {
        command: script(`${nap(random, 5, 40)}; finish 0`),
        memory: "6GiB",
        restart: { policy: "on-failure", ...NEVER_GIVE_UP },
        reschedule: SOON,
      },
      fate: { kind: "ends", code: 0 },
    }),
  },
  {
    weight: 4,
    name: "loop",
    draw: ({ random, script }) => ({
      document: {
        command: script(`${nap(random, 1, 8)}; finish ${String(random.below(3))}`),
        restart: { policy: "always", delay: "500ms", delayMax: "5s" },
        reschedule: SOON,
      },
      fate: { kind: "loops" },
    }),
  },
  {
    weight: 4,
    name: "unstartable",
    draw: ({ random }) => ({
      document: random.chance(0.5)
        ? { command: ["/no/such/program"], restart: { policy: "on-failure" }, reschedule: { attempts: 0 } }
        : { image: "no/such:image", pull: "never", reschedule: { attempts: 0 } },
      fate: { kind: "unstartable" },
    }),
  },
];

function drawTask({ random, journal }: WorkloadOptions, number: number): PlannedTask {
  const kind = random.pickWeighted(KINDS);
  const name = `${kind.name}-${String(number)}`;
  const script = (work: string, isFenced = false): string[] => journal.script(work, { isFenced });
  const { document, fate, page } = kind.draw({ random, name, script });
  return {
    name,
    document: {
      image: BUSYBOX,
      volumes: [journal.volume],
      stopTimeout: random.pick(["0s", "500ms", "2s"]),
      ...document,
      name,
    },
    fate,
    isFenced: document.reschedule?.onDisconnect === "stop",
    page,
  };
}

/** So many seconds, from and to. */
function nap(random: SeededRandom, from: number, to: number): string {
  return `sleep ${random.between(from, to).toFixed(1)}`;
}
