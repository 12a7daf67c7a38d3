import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import packageFile from "../../../package.json" with { type: "json" };
import type { BackupHeader } from "../backup/backup-file.ts";
import type { Context } from "../context.ts";
import { CommandError, messageOf } from "../errors.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, option, type DisplayOptions } from "../options.ts";
import { FILE_MODE, syncDirectory } from "../../store/data-directory.ts";
import { defaultDataDir, thisUser } from "../servers/data-dir.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";

interface BackupOptions extends DisplayOptions {
  readonly dataDir?: string;
  readonly force?: boolean;
}

const STDOUT = "-";

export function configure(command: Command, context: Context): void {
  command
    .argument("<file>", "the file to write, - for standard output")
    .addOption(option("--data-dir <directory>", "the manager's (default: where 'birdman manager' keeps it)"))
    .option("--force", "write over a file that is there")
    .addHelpText(
      "after",
      examples([
        ["birdman backup cluster.backup", "on the manager's machine, as its user, while it runs or not"],
        ["birdman backup --data-dir ./data/manager cluster.backup", "of a manager with a directory of its own"],
        ["docker exec birdman-manager birdman backup - > cluster.backup", "of one in a container"],
        ["birdman restore --verify cluster.backup", "checks it"],
      ]),
    )
    .action((file: string, options: BackupOptions) => backUp(file, options, context));
  addDisplayOptions(command);
}

async function backUp(file: string, options: BackupOptions, context: Context): Promise<void> {
  const { dataDir, force = false, output, color } = options;
  if (file !== STDOUT && !force && existsSync(file)) {
    throw new CommandError(`${file} is there already: choose another name, or write over it with --force`);
  }
  const [{ databasePath }, { takeSnapshot }, { checkStore }, { writeBackup }, { backupReport, renderBackup }] =
    await Promise.all([
      import("../../store/sqlite-file.ts"),
      import("../backup/snapshot.ts"),
      import("../backup/check-store.ts"),
      import("../backup/backup-file.ts"),
      import("../backup/summary.ts"),
    ]);
  using snapshot = await takeSnapshot(resolve(dataDir ?? defaultDataDir(["manager"], thisUser(context.env))));
  const takenAt = new Date(context.now()).toISOString();
  const check = checkStore(snapshot.directory, "the store");
  const write = async (stream: NodeJS.WritableStream): Promise<BackupHeader> =>
    writeBackup(
      databasePath(snapshot.directory),
      { version: packageFile.version, clusterId: check.cluster.clusterId, epoch: check.cluster.epoch, takenAt },
      stream,
    );
  if (file === STDOUT) {
    await write(context.stdout);
    return;
  }
  const report = backupReport(file, await writeWhole(file, write), check);
  if (output === "table") context.stdout.write(renderBackup(report, painter(context, context.stdout, color)));
  else await printDocument(context, output, report);
}

/** The file is there once it is complete and on disk, and not before. */
async function writeWhole(
  file: string,
  write: (stream: NodeJS.WritableStream) => Promise<BackupHeader>,
): Promise<BackupHeader> {
  const unfinished = `${file}.${String(process.pid)}.new`;
  try {
    const header = await write(createWriteStream(unfinished, { flags: "wx", mode: FILE_MODE, flush: true }));
    renameSync(unfinished, file);
    syncDirectory(dirname(resolve(file)));
    return header;
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new CommandError(`cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}
