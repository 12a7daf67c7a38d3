import { homedir } from "node:os";
import { join } from "node:path";

interface User {
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a server keeps its state when nothing is said: the system's place for root, the user's own otherwise (XDG base directories). */
export function defaultDataDir(parts: readonly string[], { isRoot, env }: User): string {
  if (isRoot) return join("/var/lib/birdman", ...parts);
  const { XDG_DATA_HOME, HOME } = env;
  const isSet = XDG_DATA_HOME !== undefined && XDG_DATA_HOME.startsWith("/");
  return join(isSet ? XDG_DATA_HOME : join(HOME ?? homedir(), ".local", "share"), "birdman", ...parts);
}

/** The user of this process. */
export function thisUser(env: User["env"]): User {
  return { isRoot: process.geteuid?.() === 0, env };
}
