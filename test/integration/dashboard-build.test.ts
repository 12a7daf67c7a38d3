/** The dashboard as it is built: light, and sufficient unto itself. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildWeb, isWebBuilt } from "../../scripts/build-web.mjs";

const BUILT = join(import.meta.dirname, "../../dist/web");
/** Of the first load, in bytes as they are sent to a browser that takes gzip. */
const MOST_BYTES = 200_000;

beforeAll(async () => {
  if (!isWebBuilt()) await buildWeb();
});

/** The page, what it names, and what that imports at once. */
function firstLoad(): ReadonlySet<string> {
  const page = readFileSync(join(BUILT, "index.html"), "utf8");
  const files = new Set(["index.html"]);
  const add = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith(".js")) return;
    const text = readFileSync(join(BUILT, file), "utf8");
    for (const [, name] of text.matchAll(/(?:^|[;}\n])import\s*(?:[^"'();]*?from)?\s*["']\.\/([^"']+)["']/g)) {
      add(`assets/${name ?? ""}`);
    }
  };
  for (const [, name] of page.matchAll(/(?:src|href)="\/ui\/([^"]+)"/g)) add(name ?? "");
  return files;
}

test("its first load weighs less than 200 kB", () => {
  const files = [...firstLoad()];
  expect(files.filter((file) => file.endsWith(".js")).length).toBeGreaterThan(0);
  const bytes = files.reduce((sum, file) => sum + statSync(join(BUILT, `${file}.gz`)).size, 0);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test("it is built for those who use it, also when a test runner builds it", () => {
  const scripts = readdirSync(join(BUILT, "assets")).filter((name) => name.endsWith(".js"));
  const hasAdvice = (name: string): boolean =>
    readFileSync(join(BUILT, "assets", name), "utf8").includes("Download the React DevTools");
  expect(scripts.filter(hasAdvice)).toEqual([]);
});

test("the page has no script, style or handler in itself, which its content security policy would refuse", () => {
  const page = readFileSync(join(BUILT, "index.html"), "utf8");
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
});

test("nothing is asked for at another address", () => {
  for (const name of readdirSync(join(BUILT, "assets"))) {
    if (!/\.(?:js|css)$/.test(name)) continue;
    const text = readFileSync(join(BUILT, "assets", name), "utf8");
    expect(text, name).not.toMatch(/url\(\s*["']?(?:https?:)?\/\/|@import|importScripts|src=\\?["']https?:/);
  }
});
