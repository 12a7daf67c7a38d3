/** Files of a suite's own: in a directory that goes with the suite. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** To be called at the top of a suite: what it returns says where the file of this name is, and writes it where there is a text. */
export function temporaryFiles(): (name: string, text?: string) => string {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "birdman-files-"));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });
  return (name, text) => {
    const path = join(directory, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
}
