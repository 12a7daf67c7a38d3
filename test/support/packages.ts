/** Debian packages that a suite needs, installed when they are missing and the machine lets us. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The programs that are asked for, each with the package that brings it. */
export type Programs = Readonly<Record<string, string>>;

/**
 * Makes sure that the programs are there: looks for them in the PATH, which takes no time, and installs the packages of
 * those that are not. Rejects with what to do when it cannot.
 */
export async function ensurePrograms(programs: Programs): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) if (!(await isInstalled(program))) missing.push(name);
  if (missing.length === 0) return;
  const install = ["install", "-y", "--no-install-recommends", ...new Set(missing)];
  if (process.getuid?.() !== 0 || !(await isInstalled("apt-get"))) {
    throw new Error(
      `this suite needs programs that are not installed; as root on Debian: apt-get ${install.join(" ")}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env });
  await run("apt-get", install, { env, maxBuffer: 64 * 2 ** 20 });
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = new Set([...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"]);
  for (const folder of folders) {
    const isThere = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}
