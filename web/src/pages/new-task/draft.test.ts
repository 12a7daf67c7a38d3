import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../../src/task/spec.ts";
import { draftOf, errorsOf, isOneTask, memberOf, readText, withMember, writeText } from "./draft.ts";

describe("a draft", () => {
  it("has members set, changed in place and left out", () => {
    const draft = withMember({ image: "a", cpu: 1 }, "/image", "b");
    expect(Object.entries(draft)).toEqual([
      ["image", "b"],
      ["cpu", 1],
    ]);
    expect(withMember(draft, "/cpu", undefined)).toEqual({ image: "b" });
  });

  it("has members of members, which go with their last one", () => {
    const draft = withMember({}, "/health/http/path", "/health");
    expect(draft).toEqual({ health: { http: { path: "/health" } } });
    expect(memberOf(draft, "/health/http/path")).toBe("/health");
    expect(memberOf(draft, "/restart/policy")).toBeUndefined();
    expect(withMember(draft, "/health/http/path", undefined)).toEqual({});
  });

  it("is the same in both languages", () => {
    const draft = { name: "web", image: "nginx", ports: [{ container: 80 }], env: { A: "yes" } };
    expect(readText(writeText(draft, "yaml"))).toEqual(draft);
    expect(readText(writeText(draft, "json"))).toEqual(draft);
    expect(() => readText("image: [")).toThrow(/line 1/);
    expect(readText("")).toEqual({});
  });

  it("of a task there is leaves out what is the default", () => {
    const spec = { id: "x", name: "web", ...withDefaults({ image: "nginx", cpu: 2 }) };
    expect(draftOf(spec)).toEqual({ name: "web", image: "nginx", cpu: 2 });
  });
});

describe("what is wrong with it", () => {
  it("is told as the manager tells it", () => {
    expect(errorsOf({ image: "nginx" })).toEqual([]);
    expect(errorsOf({ imag: "nginx" })).toEqual([
      { path: "/imag", message: 'unknown field "imag"; did you mean "image"?' },
    ]);
    expect(errorsOf({})).toEqual([{ path: "/image", message: expect.stringContaining("is missing") }]);
    expect(errorsOf({ image: "a", memory: "1MiB" })).toEqual([
      { path: "/memory", message: expect.stringContaining("6 MiB") },
    ]);
  });

  it("is told of each in a list", () => {
    expect(errorsOf([{ image: "a" }, { image: "" }])).toEqual([{ path: "/1/image", message: "must not be empty" }]);
  });

  it("is left to the manager for an event of Cube's", () => {
    const event = { ID: "x", State: 2, Task: { Image: "a" } };
    expect(errorsOf(event)).toEqual([]);
    expect(isOneTask(event)).toBe(false);
    expect(isOneTask([])).toBe(false);
    expect(isOneTask({})).toBe(true);
  });
});
