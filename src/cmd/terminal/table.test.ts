import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderFields, renderTable, type Column } from "./table.ts";
import { displayWidth } from "./text.ts";

interface Row {
  readonly id: string;
  readonly image: string;
  readonly age: string;
}

const columns: readonly Column<Row>[] = [
  { heading: "ID", value: (row) => row.id },
  { heading: "IMAGE", value: (row) => row.image, shrinkTo: 8 },
  { heading: "AGE", value: (row) => row.age },
];

const rows: readonly Row[] = [
  { id: "0193", image: "registry.example/team/echo:latest", age: "5m" },
  { id: "0194abcd", image: "echo", age: "12d" },
];

describe("renderTable", () => {
  test("pads columns and has no borders or trailing blanks", () => {
    expect(renderTable(columns, rows)).toBe(
      [
        "ID        IMAGE                              AGE\n",
        "0193      registry.example/team/echo:latest  5m\n",
        "0194abcd  echo                               12d\n",
      ].join(""),
    );
  });

  test("prints the headings alone when there is nothing", () => {
    expect(renderTable(columns, [])).toBe("ID  IMAGE  AGE\n");
  });

  test("shrinks what may shrink to fit the terminal", () => {
    const lines = renderTable(columns, rows, 30).split("\n");
    expect(lines[1]).toBe("0193      registry.examp…  5m");
    expect(lines[2]).toBe("0194abcd  echo             12d");
  });

  test("goes on below where a column wraps, and nothing is lost", () => {
    const wrapping: readonly Column<Row>[] = [
      { heading: "ID", value: (row) => row.id },
      { heading: "WHY", value: (row) => row.image, shrinkTo: 10, wraps: true, paint: (cell) => `[${cell}]` },
    ];
    const why = [{ id: "a", image: "needs 512 MiB of memory, 200 MiB are free", age: "" }];
    expect(renderTable(wrapping, why, 25)).toBe(
      ["ID  WHY\n", "a   [needs 512 MiB of]\n", "    [memory, 200 MiB are]\n", "    [free]\n"].join(""),
    );
    expect(renderTable(wrapping, why)).toBe("ID  WHY\na   [needs 512 MiB of memory, 200 MiB are free]\n");
  });

  test("is never wider than the terminal", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: text, image: text, age: text })),
        fc.integer({ min: 60, max: 140 }),
        (some, width) => {
          const fits = renderTable(columns, some, width);
          for (const line of fits.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test("leaves out columns on the right of a very narrow terminal", () => {
    expect(renderTable(columns, rows, 12)).toBe("ID        I…\n0193      r…\n0194abcd  e…\n");
    expect(renderTable(columns, rows, 9)).toBe("ID\n0193\n0194abcd\n");
  });

  test("does not let a cell break the line or reach the terminal with an escape", () => {
    const table = renderTable(columns, [{ id: "x\n\u001b[2J", image: "", age: "" }]);
    expect(table.split("\n")).toHaveLength(3);
    expect(table).not.toContain("\u001b");
  });

  test("paints a cell without disturbing its width", () => {
    const painted: readonly Column<Row>[] = columns.map((column) => ({ ...column, paint: (cell) => `<${cell}>` }));
    expect(renderTable(painted, rows).replace(/[<>]/g, "")).toBe(renderTable(columns, rows));
  });
});

test("renderFields puts values under each other, lines of a value too", () => {
  expect(
    renderFields([
      ["Name", "echo"],
      ["Command", "sh\n-c"],
      ["Node", "a\u0007b"],
    ]),
  ).toBe("Name:     echo\nCommand:  sh\n          -c\nNode:     a\\x07b\n");
});
