import { describe, expect, test } from "vitest";
import { parseWorkload } from "./workload-file.ts";

const GIB = 2 ** 30;
const lines = (...items: readonly unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");

describe("a file of tasks", () => {
  const first = { name: "web", cpu: 2, memory: "4GiB", at: "1m", duration: "2h" };
  const second = { name: "web", cpu: 2, memory: "4GiB", at: 500, duration: "10s", use: { cpu: 0.5, memory: "1GiB" } };

  test.each([
    ["JSON lines", lines(first, second)],
    ["a list", JSON.stringify([first, second], undefined, 2)],
  ])("as %s is read in the order in which the tasks come", (_what, text) => {
    const [sooner, later] = parseWorkload(text, "tasks");
    expect(sooner).toMatchObject({ arrivalMs: 500, workMs: 10_000, use: { cpu: 0.5, memory: GIB } });
    expect(later).toMatchObject({ arrivalMs: 60_000, workMs: 7_200_000, use: { cpu: 2, memory: 4 * GIB } });
    expect(later?.request).toBe(sooner?.request);
  });

  test("what is not said has the defaults of the API; tasks without a name have one each", () => {
    const [one, other] = parseWorkload(lines({ duration: 5 }, { duration: 5 }), "tasks");
    expect(one).toMatchObject({ arrivalMs: 0, use: { cpu: 0.1, memory: 64 * 2 ** 20 } });
    expect(one?.request.spec).toBe(other?.request.spec);
    expect(one?.request.name).not.toBe(other?.request.name);
  });

  test("constraints, ports and the rest of a task are taken as the API takes them", () => {
    const document = {
      image: "x",
      constraints: ["label.zone == a"],
      ports: [{ container: 80, host: 80 }],
      priority: 90,
    };
    const [task] = parseWorkload(lines({ ...document, duration: 5 }), "tasks");
    expect(task?.request.spec).toMatchObject({ constraints: ["label.zone == a"], priority: 90 });
  });
});

test.each([
  ["", "tasks has no tasks"],
  [lines({ duration: 5 }, { cpu: "much", duration: 5 }), "tasks, line 2: /cpu: must be"],
  [`${lines({ duration: 5 })}\n{"duration": 5`, "tasks, line 3: is not valid JSON"],
  [lines({ cpu: 1 }), 'tasks, line 1: "duration" is missing'],
  [lines({ duration: "soon" }), "tasks, line 1: /duration: must be"],
  [lines({ duration: 0 }), "tasks, line 1: /duration: must be more than 0"],
  [lines({ duration: 5, at: -1 }), "tasks, line 1: /at: must be at least 0"],
  [lines({ duration: 5, use: { cpus: 1 } }), 'tasks, line 1: /use/cpus: unknown field "cpus"; did you mean "cpu"?'],
  [lines({ duration: 5, memroy: 1 }), '/memroy: unknown field "memroy"; did you mean "memory"?'],
  [lines({ duration: 5, constraints: ["label.zone = a"] }), "tasks, line 1: /constraints/0"],
  [lines("web"), "tasks, line 1: must be a task, not a string"],
  [JSON.stringify([{ duration: 5 }, 7]), "tasks, task 2: must be a task, not a number"],
  ["[1, 2", "tasks: is not valid JSON"],
])("%j is refused with the place and the field", (text, message) => {
  expect(() => parseWorkload(text, "tasks")).toThrow(message);
});
