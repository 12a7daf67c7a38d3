/** What running instances use, from one reading of `/proc`: of each, all the processes of its session added up. */
import type { TaskUse } from "../../../node/node.ts";
import { readPageSize, readProcesses, TICKS_PER_SECOND, type Identity, type ProcessStat } from "./procfs.ts";
import { sessionMembers } from "./session.ts";

export interface Measured {
  readonly leader: Identity;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
}

/** Processor time of all its processes, and when it was read (monotonic, milliseconds). */
interface Reading {
  readonly ticks: number;
  readonly at: number;
}

export class UseMeter {
  #pageSize: number | undefined;
  #previous = new Map<string, Reading>();

  /**
   * Cores since the last measurement (since the start, the first time) and resident bytes, by name. Memory that several
   * processes share counts for each of them; the time of a child that nobody waited for is lost with it.
   */
  measure(instances: ReadonlyMap<string, Measured>): Map<string, TaskUse> {
    this.#pageSize ??= readPageSize();
    const uses = new Map<string, TaskUse>();
    const current = new Map<string, Reading>();
    const sessions = Map.groupBy(instances.size === 0 ? [] : readProcesses(), ({ session }) => session);
    const [at, wall] = [performance.now(), Date.now()];
    for (const [name, { leader, startedAt }] of instances) {
      const members = sessionMembers(leader, sessions.get(leader.pid) ?? []);
      if (members.length === 0) continue;
      const ticks = sum(members, (member) => member.cpuTicks);
      const before = this.#previous.get(name) ?? { ticks: 0, at: at - (wall - startedAt) };
      const seconds = Math.max((at - before.at) / 1000, 1 / TICKS_PER_SECOND);
      current.set(name, { ticks, at });
      uses.set(name, {
        cpu: Math.max(0, (ticks - before.ticks) / TICKS_PER_SECOND / seconds),
        memory: sum(members, (member) => member.residentPages) * this.#pageSize,
      });
    }
    this.#previous = current;
    return uses;
  }
}

function sum(members: readonly ProcessStat[], of: (member: ProcessStat) => number): number {
  return members.reduce((total, member) => total + of(member), 0);
}
