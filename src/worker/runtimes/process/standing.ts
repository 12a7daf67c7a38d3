/** Where an instance stands, by its files and by `/proc`: worked out anew every time, and kept nowhere. */
import type { Exit } from "../runtime.ts";
import type { InstanceFiles } from "./instance-files.ts";
import { isAlive, type Identity } from "./procfs.ts";

export type Standing =
  /** No shim has claimed it. */
  | { readonly kind: "idle" }
  /** A shim has claimed it and is about to say what became of it. */
  | { readonly kind: "starting" }
  /** The shim that claimed it is gone and never said what became of it. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "running"; readonly leader: Identity; readonly startedAt: number }
  /** It has ended, and its shim is about to say how. */
  | { readonly kind: "ending"; readonly leader: Identity; readonly startedAt: number }
  /** It has ended, and nobody was there to see how. `leader` is missing when that was before the machine was started again. */
  | { readonly kind: "lost"; readonly leader: Identity | undefined; readonly startedAt: number }
  | { readonly kind: "ended"; readonly exit: Exit };

export function standingOf(files: InstanceFiles, bootId: string, name: string): Standing {
  const exit = files.readExit(name);
  if (exit !== undefined) return { kind: "ended", exit };
  const custody = files.readCustody(name);
  if (custody === undefined) return { kind: "idle" };
  const isThisBoot = custody.bootId === bootId;
  const { leader, startedAt = 0 } = custody;
  if (leader === undefined) return { kind: isThisBoot && isAlive(custody.shim) ? "starting" : "abandoned" };
  if (isThisBoot && isAlive(leader)) return { kind: "running", leader, startedAt };
  if (isThisBoot && isAlive(custody.shim)) return { kind: "ending", leader, startedAt };
  // The shim may have said it, and ended, since the first line.
  const late = files.readExit(name);
  return late === undefined
    ? { kind: "lost", leader: isThisBoot ? leader : undefined, startedAt }
    : { kind: "ended", exit: late };
}
