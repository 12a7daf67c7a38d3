/** Whether a copy of a store is sound: the file as SQLite sees it, and every record in it. */
import { checkRecords, type RecordCheck } from "../../manager/check-records.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { CommandError } from "../errors.ts";
import { withCommandErrors } from "../servers/open-store.ts";

/** So many problems are told one by one. */
const TOLD = 10;

export type SoundStore = RecordCheck & { readonly cluster: NonNullable<RecordCheck["cluster"]> };

/**
 * Opens the store in this directory, which nobody else uses, and leaves it as one file. Throws a CommandError that begins
 * with `name` when something is wrong with it.
 */
export function checkStore(directory: string, name: string): SoundStore {
  return withCommandErrors(() => {
    const store = openSqliteStore(directory);
    try {
      const findings = store.findings();
      const check = findings.length > 0 ? undefined : checkRecords(store);
      const problems = check?.problems ?? findings;
      if (check?.cluster !== undefined) return { ...check, cluster: check.cluster };
      const rest = problems.length > TOLD ? [`and ${String(problems.length - TOLD)} more`] : [];
      throw new CommandError([`${name} is damaged:`, ...problems.slice(0, TOLD), ...rest].join("\n  "));
    } finally {
      store.close();
    }
  });
}
