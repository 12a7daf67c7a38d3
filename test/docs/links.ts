/** Links between pages. */
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { readPage, ROOT, withoutBlocks } from "./markdown.ts";

/** What leads nowhere on a page: links to files and headings of the checkout that are not there. */
export function brokenLinks(page: string): readonly string[] {
  const prose = withoutBlocks(readPage(page)).replace(/`[^`]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target));
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(`${ROOT}${file}`)) return false;
  return anchor === undefined || anchorsOf(readPage(file)).has(anchor);
}

/** The anchors that GitHub gives headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-"),
    ),
  );
}
