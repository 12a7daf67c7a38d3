import { expect, test } from "vitest";
import { readLogQuery, readNoQuery, readTaskQuery } from "./query.ts";

const NOW = Date.parse("2026-11-23T08:00:00.000Z");

test("filters of a list, with a page of a thousand unless less is asked for", () => {
  expect(readTaskQuery({})).toEqual({ kind: "query", value: { limit: 1000 } });
  const all = {
    state: "running",
    node: "worker1",
    name: "echo",
    label: "tier=web",
    prefix: "0193AB",
    limit: "10",
    cursor: "17",
  };
  expect(readTaskQuery(all)).toEqual({
    kind: "query",
    value: {
      state: "running",
      node: "worker1",
      name: "echo",
      label: "tier=web",
      idPrefix: "0193ab",
      limit: 10,
      cursor: "17",
    },
  });
});

test.each([
  [{ stat: "running" }, "stat: unknown parameter; did you mean state?"],
  [{ foo: "1" }, "foo: unknown parameter; there are state, node, name, label, prefix, limit, cursor"],
  [{ state: "sleeping" }, "state: must be one of pending, scheduled, running, completed, failed"],
  [{ state: ["running", "failed"] }, "state: must be given once"],
  [{ limit: "0" }, "limit: must be a whole number from 1 to 1000"],
  [{ limit: "1001" }, "limit: must be a whole number from 1 to 1000"],
  [{ limit: "ten" }, "limit: must be a whole number from 1 to 1000"],
  [{ name: "" }, "name: must not be empty"],
  [{ prefix: "xyz" }, "prefix: must be the beginning of a task's id"],
  [{ cursor: "a b" }, "cursor: must be a cursor that the page before gave"],
  [{ node: "n".repeat(2000) }, "node: must have at most 1024 characters"],
])("the query %j is refused: %s", (query, detail) => {
  expect(readTaskQuery(query)).toMatchObject({
    kind: "refused",
    problem: { status: 400, code: "invalid_query", detail },
  });
});

test("a route without parameters has none", () => {
  expect(readNoQuery({})).toEqual({ kind: "query", value: undefined });
  expect(readNoQuery({ a: "1" })).toMatchObject({ problem: { detail: "a: unknown parameter; there are none here" } });
});

const LOGS = { follow: false, timestamps: false, stdout: true, stderr: true };

test.each([
  [{}, LOGS],
  [{ follow: "" }, { ...LOGS, follow: true }],
  [
    { follow: "true", timestamps: "1", tail: "20" },
    { ...LOGS, follow: true, timestamps: true, tail: 20 },
  ],
  [{ tail: "all" }, LOGS],
  [{ tail: "0" }, { ...LOGS, tail: 0 }],
  [{ since: "10m" }, { ...LOGS, since: NOW - 600_000 }],
  [{ since: "2026-11-23T07:00:00Z" }, { ...LOGS, since: NOW - 3_600_000 }],
  [{ since: "2026-11-23T08:00:00 01:00" }, { ...LOGS, since: NOW - 3_600_000 }],
  [{ stdout: "true" }, { ...LOGS, stderr: false }],
  [{ stderr: "1" }, { ...LOGS, stdout: false }],
  [{ stdout: "false" }, { ...LOGS, stdout: false }],
  [{ stdout: "true", stderr: "true" }, LOGS],
])("logs with %j are %j", (query, value) => {
  expect(readLogQuery(query, NOW)).toEqual({ kind: "query", value });
});

test.each([
  [{ stdout: "false", stderr: "false" }, "stdout: stdout and stderr cannot both be left out"],
  [{ follow: "maybe" }, "follow: must be true or false"],
  [{ tail: "-1" }, "tail: must be a whole number from 0 to 1000000000"],
  [{ since: "yesterday" }, "since: must be a time such as 2026-11-23T08:00:00Z or a duration such as 10m"],
  [{ since: "2026-13-99T00:00:00Z" }, "since: must be a time such as 2026-11-23T08:00:00Z or a duration such as 10m"],
])("logs with %j are refused: %s", (query, detail) => {
  expect(readLogQuery(query, NOW)).toMatchObject({ kind: "refused", problem: { detail } });
});
