/**
 * The user documentation as its tests see it: pages, and in them blocks of code and pieces of inline code. An HTML comment
 * before a block, which readers do not see, is a note to the tests; CONTRIBUTING.md says which there are.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** `README.md` and all of `docs/`, as paths from the root. */
export const PAGES: readonly string[] = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT }).toSorted()];

export interface Block {
  /** What stands behind the opening fence, `console`; empty where nothing does. */
  readonly language: string;
  /** Number of its first line, the first of the page being 1. */
  readonly line: number;
  readonly lines: readonly string[];
  /** The texts of the comments before it. */
  readonly notes: readonly string[];
}

export interface InlineCode {
  readonly line: number;
  readonly text: string;
}

export function readPage(page: string): string {
  return readFileSync(`${ROOT}${page}`, "utf8");
}

const FENCE = /^(```+)(\S*)/;
const COMMENT = /^<!--\s*(.*?)\s*-->$/;

/** Every fenced block of a page. Throws where a fence is never closed. */
export function blocksOf(text: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let notes: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const [, fence, language] = FENCE.exec(line) ?? [];
    if (fence === undefined || language === undefined) {
      const comment = COMMENT.exec(line)?.[1];
      if (comment !== undefined) notes.push(comment);
      else if (line.trim() !== "") notes = [];
      continue;
    }
    const end = lines.indexOf(fence, index + 1);
    if (end === -1) throw new Error(`the fence in line ${String(index + 1)} is never closed`);
    blocks.push({ language, line: index + 2, lines: lines.slice(index + 1, end), notes });
    notes = [];
    index = end;
  }
  return blocks;
}

/** What stands between backticks in running text and tables. A paragraph may break a line within them. */
export function inlineCodeOf(text: string): readonly InlineCode[] {
  const prose = withoutBlocks(text);
  return [...prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map((match) => ({
    line: prose.slice(0, match.index).split("\n").length,
    text: (match[1] ?? "").replace(/\s+/g, " ").replaceAll("\\|", "|"),
  }));
}

/** The page with the lines of its blocks emptied, so that line numbers stay. */
export function withoutBlocks(text: string): string {
  const lines = text.split("\n");
  for (const { line, lines: inside } of blocksOf(text)) {
    for (let index = line - 2; index < line + inside.length; index += 1) lines[index] = "";
  }
  return lines.join("\n");
}
