/** The machine's users, from its own files: no name service is asked. Formats: passwd(5), group(5). */
import { readFileSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Parses and resolves `user`, `user:group`, or their numbers. Throws an Error that names who is not there. */
export function lookUpUser(text: string, files = { passwd: "/etc/passwd", group: "/etc/group" }): User {
  const [userName = "", groupName] = text.split(":", 2);
  const entry = lines(files.passwd).find(([name, , uid]) => name === userName || uid === userName);
  const uid = number(entry?.[2] ?? userName);
  if (uid === undefined) throw new Error(`there is no user ${JSON.stringify(userName)}`);
  const group = groupName ?? entry?.[3] ?? userName;
  const gid = number(group) ?? number(lines(files.group).find(([name]) => name === group)?.[2] ?? "");
  if (gid === undefined) throw new Error(`there is no group ${JSON.stringify(group)}`);
  return { uid, gid, home: entry?.[5] ?? "/" };
}

function lines(path: string): string[][] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
}

function number(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
