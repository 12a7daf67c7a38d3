import { describe, expect, test } from "vitest";
import { linesOf, stepsOf } from "./console-block.ts";
import { blocksOf, inlineCodeOf } from "./markdown.ts";
import { noteOf, standInsOf } from "./notes.ts";
import { commandsOf } from "./shell-lines.ts";

const PAGE = `Some \`birdman
status\` here.

<!-- stand-ins: redis:8 on 6379 -->
<!-- terminal: worker -->

\`\`\`console
$ birdman worker \\
>   --name a
joined

$ echo done
done
^C
…
\`\`\`

\`\`\`sh
npm start
\`\`\`
`;

test("a page has blocks, each with the notes before it", () => {
  const [first, second, ...none] = blocksOf(PAGE);
  expect(none).toEqual([]);
  expect(first).toMatchObject({ language: "console", line: 8 });
  expect(first && noteOf(first)).toEqual({ terminal: "worker" });
  expect(second).toMatchObject({ language: "sh", lines: ["npm start"], notes: [] });
  expect(standInsOf(PAGE)).toEqual([{ repo: "redis", tag: "8", port: "6379" }]);
});

test("a block of a console has steps, which can be written as they were", () => {
  const block = blocksOf(PAGE)[0];
  const steps = block === undefined ? [] : stepsOf(block);
  expect(steps).toEqual([
    { input: "birdman worker \\\n  --name a", line: 8, shown: ["joined", ""] },
    { input: "echo done", line: 12, shown: ["done"] },
    { input: "^C", line: 14, shown: ["…"] },
  ]);
  expect(steps.flatMap(linesOf)).toEqual(block?.lines);
});

test("inline code may be broken over lines, and blocks have none", () => {
  expect(inlineCodeOf(PAGE)).toEqual([{ line: 1, text: "birdman status" }]);
});

test("a fence that is never closed is an error", () => {
  expect(() => blocksOf("```sh\nls\n")).toThrow("line 1 is never closed");
});

describe("commands of a piece of shell", () => {
  test.each([
    ["ls -l  # all of it", [["ls", "-l"]]],
    ['a \'b c\' "d \\" e" f\\ g', [["a", "b c", 'd " e', "f g"]]],
    [
      "A=1 B=2 run x | head -n 1 && echo done",
      [
        ["run", "x"],
        ["head", "-n", "1"],
        ["echo", "done"],
      ],
    ],
    ["kill $(pidof x) > /dev/null 2>&1", [["kill"], ["pidof", "x"]]],
    ["one \\\n  --two\nthree", [["one", "--two"], ["three"]]],
  ])("%s", (shell, commands) => {
    expect(commandsOf(shell)).toEqual(commands);
  });
});
