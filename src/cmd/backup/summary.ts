/** What a backup holds, for people. */
import type { RecordCheck } from "../../manager/check-records.ts";
import type { View } from "../task-table.ts";
import { counted, formatBytes } from "../format.ts";
import { renderFields } from "../terminal/table.ts";
import type { BackupHeader } from "./backup-file.ts";

/** As `-o json` prints it. */
export interface BackupReport extends Omit<BackupHeader, "kind"> {
  readonly file: string;
  /** Rows of each table of the store. */
  readonly records: RecordCheck["rows"];
}

export function backupReport(file: string, header: BackupHeader, { rows }: RecordCheck): BackupReport {
  const { kind: _, ...rest } = header;
  return { file, ...rest, records: rows };
}

export function renderBackup(report: BackupReport, paint: View["paint"]): string {
  const { nodes, tasks, lists, ended } = report.records;
  const fields = [
    ["Backup", report.file],
    ["Taken", `${report.takenAt} by Birdman ${report.version}`],
    ["Cluster", `${report.clusterId}, epoch ${String(report.epoch)}`],
    ["Nodes", String(nodes)],
    [
      "Tasks",
      `${String(tasks)} live${lists === 0 ? "" : ` and ${counted(lists, "slice")} of lists`}, ${String(ended)} ended`,
    ],
    ["Store", `${formatBytes(report.bytes)}, sha256 ${report.sha256}`],
  ] as const;
  return renderFields(fields, { name: (name) => paint("bold", name), value: (value) => value });
}
