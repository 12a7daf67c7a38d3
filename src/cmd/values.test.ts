import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import * as values from "./values.ts";

describe("values of flags", () => {
  test.each([
    [values.parsePort, "8080", 8080],
    [values.parsePort, "0", 0],
    [values.parsePortRange, "20000-32000", { first: 20_000, last: 32_000 }],
    [values.parseBytes, "512MiB", 2 ** 29],
    [values.parseBytes, "1048576", 2 ** 20],
    [values.parseCores, "0.5", 0.5],
    [values.parseCount, "1000", 1000],
    [values.parseShare, "85%", 0.85],
    [values.parseMilliseconds, "1h30m", 5_400_000],
    [values.parsePair, "key=a=b", ["key", "a=b"]],
    [values.parsePair, "key=", ["key", ""]],
    [values.parseNodeName, "worker-1.example", "worker-1.example"],
    [values.parsePath, "/srv/data/", "/srv/data"],
    [values.parsePath, "/", "/"],
  ])("%o of %s", (parse, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test.each([
    [values.parsePort, ["65536", "-1", "80x", "", "8e3"]],
    [values.parsePortRange, ["5-4", "0-10", "1-70000", "80", "a-b"]],
    [values.parseBytes, ["lots", "-1", "1XB", "64 MiB MiB"]],
    [values.parseCores, ["two", "-1", "1e3", "NaN", "Infinity"]],
    [values.parseShare, ["85", "0%", "101%", "-5%", "most"]],
    [values.parseCount, ["1.5", "-1", "", "99999999999"]],
    [values.parseMilliseconds, ["soon", "5 minutes", "-1s"]],
    [values.parsePair, ["key", "=value", ""]],
    [values.parseNodeName, ["", "-a", "a b", "a/b", "../x", "a\u0007", "x".repeat(64)]],
    [values.parsePath, ["data", "./data", "~/data", ""]],
  ])("%o refuses what is none", (parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(InvalidArgumentError);
  });

  test("a moment is a time or a duration before now", () => {
    const now = Date.parse("2026-11-23T08:00:00.000Z");
    expect(values.parseMoment("10m", now)).toBe("2026-11-23T07:50:00.000Z");
    expect(values.parseMoment("2026-11-23T07:00:00+01:00", now)).toBe("2026-11-23T06:00:00.000Z");
    for (const text of ["yesterday", "", "10", "11/23/2026"]) {
      expect(() => values.parseMoment(text, now), text).toThrow(InvalidArgumentError);
    }
  });
});
