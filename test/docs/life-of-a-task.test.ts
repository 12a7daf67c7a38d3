import { expect, test } from "vitest";
import { canMove, TASK_STATES } from "../../src/task/state.ts";
import { blocksOf, readPage } from "./markdown.ts";

test("the picture of a task's life has every transition that there is, and no other", () => {
  const drawn = blocksOf(readPage("docs/concepts.md"))
    .filter(({ lines }) => lines[0] === "stateDiagram-v2")
    .flatMap(({ lines }) => lines)
    .flatMap((line) => [...line.matchAll(/^ +(\w+) --> (\w+)/g)].map(([, from, to]) => `${from ?? ""} ${to ?? ""}`));
  const possible = TASK_STATES.flatMap((from) =>
    TASK_STATES.filter((to) => to !== from && canMove(from, to)).map((to) => `${from} ${to}`),
  );
  expect(drawn.toSorted()).toEqual(possible.toSorted());
});
