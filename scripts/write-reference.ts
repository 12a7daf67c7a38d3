/**
 * Writes the reference of the commands: `node scripts/write-reference.ts` the page in docs/, `… --man DIRECTORY` the pages for
 * man(1).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import packageFile from "../package.json" with { type: "json" };
import { commandGroups } from "./reference/command-pages.ts";
import { manPages } from "./reference/man-page.ts";
import { referencePage } from "./reference/reference-page.ts";

const { values } = parseArgs({ options: { man: { type: "string" } } });

if (values.man === undefined) {
  const { file, text } = await referencePage();
  writeFileSync(file, text);
} else {
  mkdirSync(values.man, { recursive: true });
  for (const { file, text } of manPages(await commandGroups(), packageFile.version)) {
    writeFileSync(join(values.man, file), text);
  }
}
