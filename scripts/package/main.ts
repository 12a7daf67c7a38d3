/**
 * `npm run package [-- --out DIRECTORY] [--no-archive]`: Birdman as one executable file, and as an archive of it with all
 * that belongs to an installation. `npm run package -- --files DIRECTORY`: as the files that Node runs, for an image.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildExecutable, buildFiles } from "./build-executable.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What goes along with the executable in the archive. */
const ACCOMPANYING = ["LICENSE", "deploy/systemd"];

if (process.platform !== "linux") {
  console.error("npm run package makes an executable for Linux, on Linux");
  process.exit(1);
}
const { values } = parseArgs({
  allowNegative: true,
  options: {
    out: { type: "string", default: join(ROOT, "dist/package") },
    archive: { type: "boolean", default: true },
    files: { type: "string" },
  },
});
if (values.files !== undefined) {
  await buildFiles(resolve(values.files));
  process.exit();
}
const out = resolve(values.out);
const name = `birdman-linux-${process.arch}`;
const work = mkdtempSync(join(tmpdir(), "birdman-package-"));
try {
  const executable = join(out, name);
  await buildExecutable(executable, work);
  report(executable);
  if (values.archive) report(archive(executable));
} finally {
  rmSync(work, { recursive: true });
}

function report(file: string): void {
  console.log(`${file}  ${(statSync(file).size / 1e6).toFixed(0)} MB`);
}

/** The executable with what goes along with it, in one folder. */
function archive(executable: string): string {
  const file = `${executable}.tar.gz`;
  const folder = join(work, name);
  for (const part of ACCOMPANYING) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  cpSync(executable, join(folder, "birdman"));
  execFileSync("tar", ["-C", work, "--owner=0", "--group=0", "-czf", file, name]);
  return file;
}
