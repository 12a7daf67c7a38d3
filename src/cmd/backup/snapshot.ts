/** A copy of a manager's store to work on: from the manager while it runs, else made here. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { databasePath } from "../../store/sqlite-file.ts";
import { CommandError, messageOf } from "../errors.ts";
import { BACKUP_SOCKET, SNAPSHOT_PREFIX, type SnapshotAnswer } from "../servers/backup-socket.ts";
import { openPersistentStore } from "../servers/open-store.ts";

/** It goes away when it is disposed of. */
export interface Snapshot extends Disposable {
  /** With a store in it, and nothing else. */
  readonly directory: string;
}

/** Rejects with a CommandError that says what to do. */
export async function takeSnapshot(dataDir: string): Promise<Snapshot> {
  if (!existsSync(databasePath(dataDir))) {
    throw new CommandError(`there is no store in ${dataDir}: name the manager's directory with --data-dir`);
  }
  const socket = await dial(join(dataDir, BACKUP_SOCKET));
  return socket === undefined ? copyHere(dataDir) : ask(socket);
}

/** Undefined where no manager listens. */
async function dial(path: string): Promise<Socket | undefined> {
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw new CommandError(`cannot ask the manager (${messageOf(error)}): run this as the manager's user, or as root`);
  }
}

async function ask(socket: Socket): Promise<Snapshot> {
  for await (const line of createInterface({ input: socket })) {
    const answer = JSON.parse(line) as SnapshotAnswer;
    if ("directory" in answer) return { directory: answer.directory, [Symbol.dispose]: () => socket.destroy() };
    socket.destroy();
    throw new CommandError(`the manager cannot copy its store: ${answer.error}`);
  }
  throw new CommandError("the manager ended before it had copied its store; try again");
}

async function copyHere(dataDir: string): Promise<Snapshot> {
  const opened = openPersistentStore(dataDir, "backup");
  const directory = mkdtempSync(join(dataDir, SNAPSHOT_PREFIX));
  const snapshot: Snapshot = {
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  try {
    await opened.store.copyTo(directory);
    return snapshot;
  } catch (error) {
    snapshot[Symbol.dispose]();
    throw new CommandError(`cannot copy the store: ${messageOf(error)}`, { cause: error });
  } finally {
    opened.close();
  }
}
