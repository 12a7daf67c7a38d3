/** From a backup to a manager's store. A backup is unpacked and checked beside the place where it is to go, and then moved there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { makeDataDirectory, syncDirectory } from "../../store/data-directory.ts";
import { lockDirectory } from "../../store/directory-lock.ts";
import { databasePath } from "../../store/sqlite-file.ts";
import { CommandError, messageOf } from "../errors.ts";
import { withCommandErrors } from "../servers/open-store.ts";
import { extractBackup } from "./backup-file.ts";
import { checkStore } from "./check-store.ts";
import { backupReport, type BackupReport } from "./summary.ts";

/** Rejects with a CommandError when anything is wrong with the backup. */
export async function verifyBackup(file: string): Promise<BackupReport> {
  using work = workFolder(tmpdir());
  return await unpack(file, work.path);
}

export interface Restoration {
  readonly file: string;
  /** The manager's data directory. */
  readonly directory: string;
  /** Whether a store that is there may be put aside. */
  readonly force: boolean;
  /** Wall clock, milliseconds: names the folder that an old store goes to. */
  readonly at: number;
}

/** Rejects with a CommandError, and then everything is as it was. */
export async function restoreBackup({ file, directory, force, at }: Restoration): Promise<BackupReport> {
  withCommandErrors(() => makeDataDirectory(directory));
  // A manager that runs holds it, whatever is forced.
  using lock = new DisposableStack();
  lock.adopt(
    withCommandErrors(() => lockDirectory(directory, "restore")),
    (held) => held.release(),
  );
  const old = storeFiles(directory);
  if (old.length > 0 && !force) {
    throw new CommandError(
      `${directory} has a store already: name another directory with --data-dir, or put it aside with --force`,
    );
  }
  using work = workFolder(directory);
  const report = await unpack(file, work.path);
  if (old.length > 0) {
    const aside = join(directory, `replaced-${new Date(at).toISOString().replaceAll(":", "-")}`);
    mkdirSync(aside, { mode: 0o700 });
    // The log first: without it the file is a whole store, while a log without its file is the remains of one.
    for (const name of old.toReversed()) renameSync(join(directory, name), join(aside, name));
  }
  renameSync(databasePath(work.path), databasePath(directory));
  syncDirectory(directory);
  return report;
}

async function unpack(file: string, folder: string): Promise<BackupReport> {
  const header = await extractBackup(file, databasePath(folder));
  const check = checkStore(folder, file);
  if (check.cluster.clusterId !== header.clusterId) {
    throw new CommandError(`${file} is damaged: it says that it is of another cluster than it is`);
  }
  return backupReport(file, header, check);
}

/** `birdman.db` and what SQLite keeps beside it, in this order. */
function storeFiles(directory: string): readonly string[] {
  const path = databasePath(directory);
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
  return names.sort().filter((name) => existsSync(join(directory, name)));
}

function workFolder(parent: string): Disposable & { readonly path: string } {
  try {
    const path = mkdtempSync(join(parent, "restore-"));
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
  } catch (error) {
    throw new CommandError(
      `there is no place to unpack the backup (${messageOf(error)}): make room in ${parent}, or let this user write there`,
    );
  }
}
