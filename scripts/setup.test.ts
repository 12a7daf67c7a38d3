import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isInStep } from "./setup.mjs";

const LOCK = {
  "": { version: "0.1.0" },
  "node_modules/one": { version: "1.0.0" },
  "node_modules/for-another-machine": { version: "1.0.0", optional: true },
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "birdman-setup-"));
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: LOCK }));
});

afterEach(() => rmSync(root, { recursive: true }));

function install(packages: Record<string, { version: string }>): void {
  writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
}

test("what is installed is in step with the lock file, packages for other machines left out", () => {
  install({ "node_modules/one": { version: "1.0.0" } });
  expect(isInStep(root)).toBe(true);
});

test.for([
  ["nothing is installed", undefined],
  ["a package is missing", {}],
  ["a package has another version", { "node_modules/one": { version: "1.0.1" } }],
  [
    "a package is there that the lock file does not know",
    { "node_modules/one": { version: "1.0.0" }, "node_modules/two": { version: "1.0.0" } },
  ],
  [
    "an optional package has another version",
    { "node_modules/one": { version: "1.0.0" }, "node_modules/for-another-machine": { version: "2.0.0" } },
  ],
] as const)("it is out of step when %s", ([, packages]) => {
  if (packages !== undefined) install(packages);
  expect(isInStep(root)).toBe(false);
});

test("an installation that was cut short while it wrote its record is out of step", () => {
  writeFileSync(join(root, "node_modules/.package-lock.json"), '{"packages": {');
  expect(isInStep(root)).toBe(false);
});
