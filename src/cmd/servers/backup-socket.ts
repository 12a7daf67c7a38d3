/**
 * Where a running manager is asked for a copy of its store: a Unix socket in its data directory. A copy holds every secret
 * of the cluster, so it is not to be had over the API: who may read the store may have it, and nobody else.
 *
 * A connection is a request. The answer is one line of JSON, the directory with the copy or an error; the copy is there
 * until the connection ends.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { PersistentStore } from "../../store/sqlite.ts";
import type { Log } from "../../utils/log.ts";
import { messageOf } from "../errors.ts";

export const BACKUP_SOCKET = "backup.sock";
export const SNAPSHOT_PREFIX = "snapshot-";
const ONLY_OWNER = 0o177;

export type SnapshotAnswer = { readonly directory: string } | { readonly error: string };

export interface BackupSocketParts {
  /** The data directory, locked for this process. */
  readonly directory: string;
  readonly store: PersistentStore;
  readonly log: Log;
}

/** Serves until it is disposed of. Where no socket can be made (its path is too long) it says so, and backups need the manager stopped. */
export class BackupSocket implements Disposable {
  readonly #parts: BackupSocketParts;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(parts: BackupSocketParts) {
    const { directory, log } = parts;
    this.#parts = parts;
    removeSnapshots(directory);
    const path = join(directory, BACKUP_SOCKET);
    // The directory is ours: who left it there is gone.
    rmSync(path, { force: true });
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.on("error", (error) => log.warn({}, `backups need this manager stopped: ${messageOf(error)}`));
    // Bound before `listen` returns, so it never is what others could connect to.
    const mask = process.umask(ONLY_OWNER);
    this.#server.listen(path);
    process.umask(mask);
    this.#server.unref();
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#connections) socket.destroy();
    removeSnapshots(this.#parts.directory);
  }

  #serve(socket: Socket): void {
    const { directory, log } = this.#parts;
    this.#connections.add(socket);
    let copy: string | undefined;
    socket.on("error", (error) => log.warn({}, `a backup was broken off: ${messageOf(error)}`));
    socket.on("close", () => {
      this.#connections.delete(socket);
      if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
    });
    socket.resume();
    const answer = (message: SnapshotAnswer): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    };
    Promise.try(async () => {
      copy = mkdtempSync(join(directory, SNAPSHOT_PREFIX));
      await this.#parts.store.copyTo(copy);
      answer({ directory: copy });
    }).catch((error: unknown) => answer({ error: messageOf(error) }));
  }
}

/** What a manager that was killed left. */
function removeSnapshots(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(SNAPSHOT_PREFIX)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
