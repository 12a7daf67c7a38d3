/** What the documentation shows is there: commands and flags, fields of documents, pages that are linked to. */
import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { TASK_REFERENCE, taskReference } from "../../scripts/task-reference.ts";
import { whatIsWrongWith } from "./command-lines.ts";
import { stepsOf } from "./console-block.ts";
import { environmentNames } from "./environment.ts";
import { brokenLinks } from "./links.ts";
import { type Block, blocksOf, inlineCodeOf, PAGES, readPage } from "./markdown.ts";
import { commandsOf } from "./shell-lines.ts";
import { noteOf } from "./notes.ts";
import { whatIsWrongInside, whatIsWrongWithConstraints } from "./structured-blocks.ts";

const LANGUAGES = ["console", "sh", "json", "yaml", "text", "mermaid", "js", "ts", "ini", "html", ""];

/** A piece of inline code that is a command line, whole or with placeholders. */
const IS_COMMAND = /^(?:birdman|npm run) [a-z]/;
/** What is left open in running text: `birdman status TASK`, `birdman stop --timeout …`, `birdman node drain`. */
const IS_LEFT_OPEN = /is invalid|missing|no (?:scheduler|runtime|scope)|nothing to|required/;

describe.each(PAGES)("%s", (page) => {
  const blocks = blocksOf(readPage(page));

  test("has blocks of known languages", () => {
    expect(blocks.filter(({ language }) => !LANGUAGES.includes(language))).toEqual([]);
    // Otherwise nobody would type what it shows.
    const untyped = blocks.filter(
      ({ language, lines }) => language !== "console" && lines.some((line) => line.startsWith("$ ")),
    );
    expect(untyped).toEqual([]);
  });

  test("says of commands that are not typed why they are not", () => {
    // The examples of `--help` are made of what is checked already.
    if (/^<!-- (?:Made|Written) by npm run/m.test(readPage(page).replaceAll("`", ""))) return;
    const shell = blocks.filter(({ language }) => language === "sh");
    expect(shell.filter((block) => noteOf(block)["not run"] === undefined)).toEqual([]);
  });

  test("shows commands and flags that there are", async () => {
    const mistakes: string[] = [];
    for (const { line, shell } of blocks.flatMap(shellOf)) {
      for (const words of commandsOf(shell)) {
        const mistake = await whatIsWrongWith(words);
        if (mistake !== undefined) mistakes.push(`${page}:${String(line)}: ${words.join(" ")}: ${mistake}`);
      }
    }
    expect(mistakes).toEqual([]);
  });

  test("speaks of commands and flags that there are", async () => {
    const mistakes: string[] = [];
    for (const { line, text } of inlineCodeOf(readPage(page))) {
      if (!IS_COMMAND.test(text)) continue;
      const [words = []] = commandsOf(text.replace(/ \[.*?\]|…/g, ""));
      const mistake = await whatIsWrongWith(words);
      if (mistake !== undefined && !IS_LEFT_OPEN.test(mistake))
        mistakes.push(`${page}:${String(line)}: ${text}: ${mistake}`);
    }
    expect(mistakes).toEqual([]);
  });

  test("names environment variables that there are", async () => {
    const known = await environmentNames();
    const named = readPage(page).match(/\bBIRDMAN_[A-Z_]+\b/g) ?? [];
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test("shows tasks and other documents as they are taken and given", async () => {
    const mistakes: string[] = [];
    for (const block of blocks) {
      const mistake = await mistakeIn(block);
      if (mistake !== undefined) mistakes.push(`${page}:${String(block.line)}: ${mistake}`);
    }
    expect(mistakes).toEqual([]);
  });

  test("links to what is there", () => {
    expect(brokenLinks(page)).toEqual([]);
  });
});

test("the task reference is that of the schema (npm run task-reference)", () => {
  expect(readFileSync(TASK_REFERENCE, "utf8")).toBe(taskReference());
});

test("the index leads to every page", () => {
  const index = readPage("docs/README.md");
  const missing = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md").filter(
    (page) => !index.includes(`](${page.slice("docs/".length)})`),
  );
  expect(missing).toEqual([]);
});

/** What is wrong with a document or a list of constraints; nothing is with other blocks. */
async function mistakeIn(block: Block): Promise<string | undefined> {
  if (block.language === "json" || block.language === "yaml") return whatIsWrongInside(block).catch(String);
  return noteOf(block).form === "constraints" ? whatIsWrongWithConstraints(block) : undefined;
}

interface Shell {
  readonly line: number;
  readonly shell: string;
}

function shellOf(block: Block): readonly Shell[] {
  if (block.language === "sh") return [{ line: block.line, shell: block.lines.join("\n") }];
  if (block.language !== "console") return [];
  return stepsOf(block).map(({ line, input }) => ({ line, shell: input }));
}
