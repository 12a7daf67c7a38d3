/**
 * Ending all that an instance consists of. An instance is a session of its own, led by the process that was started;
 * whatever that starts belongs to the session too, also when it makes a process group of its own (as `timeout` and shells
 * with job control do). What leaves the session, as daemons do, still carries the instance's name in its environment, and
 * is ended with it. Only a process that does both, leave and clear its environment, is out of reach.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isAlive, readEnvironment, readProcess, readProcesses, type Identity, type ProcessStat } from "./procfs.ts";

/** The variable by which an instance's processes are known. */
export const INSTANCE_VARIABLE = "BIRDMAN_INSTANCE";

/** How long the kernel may take to end what was killed, before we stop waiting for it, in milliseconds. */
const KILL_PATIENCE_MS = 5000;

/** Asks the leader's process group to end. False when the leader is gone. */
export function terminateGroup(leader: Identity): boolean {
  return isAlive(leader) && signal(-leader.pid, "SIGTERM");
}

/**
 * Kills whatever is left of an instance and resolves to true once nothing is; false when something did not go within five
 * seconds: it hangs in the kernel, or may not be killed by us. `leader` is unknown where its start was cut short.
 */
export async function killInstance(name: string, leader: Identity | undefined): Promise<boolean> {
  const mark = `${INSTANCE_VARIABLE}=${name}`;
  const deadline = performance.now() + KILL_PATIENCE_MS;
  // Twice as long each time: nearly everything is gone at the second look.
  for (let pause = 1; ; pause = Math.min(100, pause * 2)) {
    // What is older than the leader is no child of it, and need not be asked.
    const processes = readProcesses().filter(({ startTicks }) => startTicks >= (leader?.startTicks ?? 0));
    const session = new Set(leader === undefined ? [] : sessionMembers(leader, processes));
    const left = processes.filter((each) => session.has(each) || readEnvironment(each.pid).includes(mark));
    if (left.length === 0) return true;
    if (performance.now() > deadline) return false;
    for (const { pid } of left) signal(pid, "SIGKILL");
    await delay(pause);
  }
}

/**
 * Of these processes, the ones in the session that this leader opened. A session keeps its number for as long as it has a
 * member, so a leader's pid with another start time means that the old session is empty and the number was given away.
 */
export function sessionMembers(leader: Identity, processes: readonly ProcessStat[]): ProcessStat[] {
  const holder = processes.find(({ pid }) => pid === leader.pid) ?? readProcess(leader.pid);
  if (holder !== undefined && holder.startTicks !== leader.startTicks) return [];
  return processes.filter(({ session }) => session === leader.pid);
}

/** False when there is nobody to receive it, or nobody that we may send it to. */
export function signal(target: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}
