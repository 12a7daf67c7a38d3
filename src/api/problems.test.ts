import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { expect, expectTypeOf, test } from "vitest";
import type { Refusal } from "../protocol/messages.ts";
import { problem, type ProblemCode, PROBLEMS } from "./problems.ts";

test.each(Object.entries(PROBLEMS))("%s has a code, a status and a meaning that can be relied on", (code, kind) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(STATUS_CODES).toHaveProperty(String(kind.status));
  expect(kind.title).toMatch(/^[A-Z]/);
  expect(kind.meaning).toMatch(/^[A-Z`].*\.$/);
});

test("a problem is what RFC 9457 asks for, with the code and the errors", () => {
  expect(problem("invalid_body", "/cpu: must be a number", [{ path: "/cpu", message: "must be a number" }])).toEqual({
    type: "urn:birdman:problem:invalid_body",
    title: "Invalid body",
    status: 400,
    detail: "/cpu: must be a number",
    code: "invalid_body",
    errors: [{ path: "/cpu", message: "must be a number" }],
  });
  expect(problem("task_not_found", "there is no task x")).not.toHaveProperty("errors");
});

test("a node's session is refused with codes of the same table", () => {
  expectTypeOf<Refusal["code"]>().toExtend<ProblemCode>();
});

test("the documentation lists every problem, with its status and its meaning", () => {
  const page = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
  const rows = page.matchAll(/^\| `(\w+)` +\| (\d{3}) +\| (.*?) +\|$/gm);
  const shown = [...rows].map(([, code, status, meaning]) => ({ code, status: Number(status), meaning }));
  expect(shown).toEqual(Object.entries(PROBLEMS).map(([code, { status, meaning }]) => ({ code, status, meaning })));
});
