/**
 * The brake: when more than half of the nodes, and at least three, fall silent within a minute, it is more likely this
 * manager that is cut off than all of them. Then it says so, and gives nodes up only after a longer silence.
 */
import type { Applier } from "./apply.ts";
import type { ManagedNode } from "./managed-node.ts";

export interface Brake {
  /** Wall clock, milliseconds. */
  readonly since: number;
  readonly reason: string;
  /** The nodes that are silent, by id; off when half of them are back. */
  readonly silent: Set<string>;
}

type Known = Pick<Applier, "state" | "now">;

/** A node counts as one that was ready, for so long after it was. Milliseconds. */
const RECENTLY_MS = 60_000;
const FEWEST = 3;

/** Puts the brake on, or takes it off, by what the nodes' silence says now. */
export function checkBrake(apply: Applier): void {
  const { state } = apply;
  if (state.brake === undefined) engage(apply);
  else if (isOver(apply, state.brake)) release(apply, "half of the silent nodes are back");
}

/** Takes the brake off at an operator's wish, if it is on. */
export function releaseBrake(apply: Applier): void {
  const { state } = apply;
  if (state.brake === undefined) return;
  // What was silent then is no reason to suspect this manager again.
  for (const id of state.brake.silent) {
    const node = state.nodes.get(id);
    if (node !== undefined && node.status !== "ready") node.readyMono = Number.NEGATIVE_INFINITY;
  }
  release(apply, "released by an operator");
}

/** Whether the brake would come on, or stay on, if these nodes fell silent as well. */
export function wouldBrake(known: Known, fallen: ReadonlySet<string>): boolean {
  return known.state.brake !== undefined || isMassSilence(silenceAmong(known, ({ id }) => fallen.has(id)));
}

function engage(apply: Applier): void {
  const { state, now } = apply;
  const { silent, counted } = silenceAmong(apply);
  if (!isMassSilence({ silent, counted })) return;
  const seconds = String(Math.round(state.settings.brakeMs / 1000));
  const reason = `${String(silent.size)} of ${String(counted)} nodes fell silent together: this manager may be cut off itself, so it gives up none before ${seconds} s of silence`;
  state.brake = { since: now.wall, reason, silent };
  apply.event({ kind: "manager", to: "brake on", reason });
}

interface Silence {
  readonly silent: Set<string>;
  /** Number of nodes that were ready of late. */
  readonly counted: number;
}

function silenceAmong(known: Known, isSilentToo: (node: ManagedNode) => boolean = () => false): Silence {
  const { state, now } = known;
  const silent = new Set<string>();
  let counted = 0;
  for (const node of state.nodes.values()) {
    const wasReady = node.status !== "left" && now.mono - node.readyMono <= RECENTLY_MS;
    if (node.status !== "ready" && !wasReady) continue;
    counted += 1;
    if (isSilent(known, node) || isSilentToo(node)) silent.add(node.id);
  }
  return { silent, counted };
}

function isMassSilence({ silent, counted }: Silence): boolean {
  return silent.size >= FEWEST && silent.size * 2 > counted;
}

function isOver({ state }: Applier, { silent }: Brake): boolean {
  let back = 0;
  for (const id of silent) {
    const node = state.nodes.get(id);
    if (node === undefined) silent.delete(id);
    else if (node.status === "ready" || node.status === "left") back += 1;
  }
  return back * 2 >= silent.size;
}

function release(apply: Applier, reason: string): void {
  apply.state.brake = undefined;
  apply.event({ kind: "manager", from: "brake on", reason: `brake off: ${reason}` });
}

function isSilent({ state, now }: Known, node: ManagedNode): boolean {
  return now.mono - node.heardMono >= state.settings.unreachableMs;
}
