import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ensurePrograms } from "../../test/support/packages.ts";
import { temporaryFiles } from "../../test/support/temporary-files.ts";
import { COMMANDS } from "../../src/cmd/command-table.ts";
import { commandGroups } from "./command-pages.ts";
import { manPages } from "./man-page.ts";
import { referencePage } from "./reference-page.ts";

const file = temporaryFiles();

test("docs/commands.md is what npm run command-reference writes", async () => {
  const { file: page, text } = await referencePage();
  expect(readFileSync(page, "utf8")).toBe(text);
});

test("every command that people call has a page, with examples and what its flags mean", async () => {
  const pages = (await commandGroups()).flatMap((group) => group.pages);
  const visible = COMMANDS.filter(({ isHidden }) => isHidden !== true).map(({ name }) => `birdman ${name}`);
  expect(pages.map(({ name }) => name).toSorted()).toEqual(visible.toSorted());
  for (const { name, remarks, options, subcommands, arguments: words } of pages) {
    const all = [remarks, ...subcommands.map((each) => each.remarks)].flat();
    expect(
      all.some(({ kind }) => kind === "examples"),
      name,
    ).toBe(true);
    for (const each of [...options, ...subcommands.flatMap((sub) => sub.options)].flatMap((group) => group.options)) {
      expect(each.description, `${name} ${each.term}`).not.toBe("");
    }
    for (const each of [...words, ...subcommands.flatMap((sub) => sub.arguments)]) {
      expect(each.description, `${name} ${each.term}`).not.toBe("");
    }
  }
});

test("groff finds nothing wrong with the man pages", async () => {
  await ensurePrograms({ groff: "groff-base" });
  const pages = manPages(await commandGroups(), "1.2.3");
  expect(pages.map((page) => page.file)).toContain("birdman-node.1");
  for (const page of pages) {
    const path = file(page.file, page.text);
    const { stdout, stderr } = await promisify(execFile)("groff", ["-man", "-Tutf8", "-ww", path]);
    expect(stderr, page.file).toBe("");
    expect(stdout.replace(/.\u0008/g, "")).toContain("EXIT STATUS");
  }
});
