import { describe, expect, test } from "vitest";
import { Names } from "./compare.ts";

const [OURS, THEIRS] = ["01a20810-6db6-7df1-9df0-3f8b16a5b804", "01b11111-aaaa-7df1-9df0-3f8b16a5b804"];

function says(shown: string, real: string): boolean {
  return new Names().match(shown.split("\n"), real.split("\n")) !== undefined;
}

describe("what a page shows and what was printed are the same", () => {
  test.each([
    ["another id", OURS, THEIRS],
    ["the beginning of an id", "01a20810-6d  web", "01b1111-aa…  web".replace("01b1111", "01b11111")],
    ["another age", "web  64s", "web  3m"],
    ["an age of another width", "AGE  IMAGE\n5s   x", "AGE  IMAGE\n15s  x"],
    ["a longer time", "up 1h 5m", "up 20s"],
    ["another rate", "27.3%      4933", "27.3%      24131"],
    ["another time", "at 2026-11-23T08:00:00.000Z", "at 2027-01-01T00:00:00Z"],
    ["another clock", "08:00:00.123 INFO  listening", "23:59:59.000 INFO  listening"],
    ["another size", "23.5GiB memory", "512MiB memory"],
    ["another share", "0.25/2 (13%)", "0.25/16 (2%)"],
    ["another version", "birdman dev 0.1.0", "birdman dev 1.20.3"],
    ["a port of the worker's choice", "127.0.0.1:20001->7777", "127.0.0.1:31999->7777"],
    ["wider columns", "NAME  STATE", "NAME       STATE"],
    ["what is left out", "first\n…\nlast", "first\na\nb\nlast"],
    ["nothing where something may be left out", "first\n…", "first"],
  ])("but for %s", (_, shown, real) => {
    expect(says(shown, real)).toBe(true);
  });
});

describe("what a page shows and what was printed are not the same", () => {
  test.each([
    ["another word", "web  running", "web  pending"],
    ["another number of things", "fits none of 3 nodes", "fits none of 4 nodes"],
    ["a port that was asked for", "127.0.0.1:8000->7777", "127.0.0.1:8001->7777"],
    ["an id where there was none", "web  -", `web  ${THEIRS}`],
    ["a line more", "first", "first\nsecond"],
    ["a line less", "first\nsecond", "first"],
    ["another end behind what is left out", "first\n…\nlast", "first\na\nb"],
    ["two ids for one", `${OURS}\n${OURS}`, `${OURS}\n${THEIRS}`],
  ])("with %s", (_, shown, real) => {
    expect(says(shown, real)).toBe(false);
  });
});

test("an id of the page stands for the real one in what follows", () => {
  const names = new Names().match([`${OURS}  127.0.0.1:20001`], [`${THEIRS}  127.0.0.1:31999`]);
  expect(names?.toReal(`curl http://127.0.0.1:20001/${OURS}`)).toBe(`curl http://127.0.0.1:31999/${THEIRS}`);
});
