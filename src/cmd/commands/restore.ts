import { resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, option, type DisplayOptions } from "../options.ts";
import { defaultDataDir, thisUser } from "../servers/data-dir.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";

interface RestoreOptions extends DisplayOptions {
  readonly dataDir?: string;
  readonly verify?: boolean;
  readonly force?: boolean;
}

export function configure(command: Command, context: Context): void {
  command
    .argument("<file>", "what 'birdman backup' wrote")
    .addOption(option("--data-dir <directory>", "the manager's (default: where 'birdman manager' keeps it)"))
    .option("--verify", "check the backup, every record of it, and restore nothing")
    .option("--force", "put the store that is there aside")
    .addHelpText(
      "after",
      examples([
        ["birdman restore --verify cluster.backup", "whether it is whole, and what is in it"],
        ["birdman restore cluster.backup", "into the manager's directory, which has no store yet"],
        ["birdman restore --force --data-dir ./data/manager cluster.backup", "in place of the store that is there"],
      ]),
    )
    .action(async (file: string, { dataDir, verify = false, force = false, output, color }: RestoreOptions) => {
      const [{ restoreBackup, verifyBackup }, { renderBackup }] = await Promise.all([
        import("../backup/restore-backup.ts"),
        import("../backup/summary.ts"),
      ]);
      const directory = resolve(dataDir ?? defaultDataDir(["manager"], thisUser(context.env)));
      const report = verify
        ? await verifyBackup(file)
        : await restoreBackup({ file, directory, force, at: context.now() });
      if (output !== "table") return printDocument(context, output, report);
      context.stdout.write(renderBackup(report, painter(context, context.stdout, color)));
      context.stderr.write(
        verify
          ? "The backup is whole; nothing was restored.\n"
          : `Restored to ${directory}. Start the manager: what workers run meanwhile is adopted, nothing is stopped.\n`,
      );
    });
  addDisplayOptions(command);
}
