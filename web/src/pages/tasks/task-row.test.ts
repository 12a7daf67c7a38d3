import { describe, expect, it } from "vitest";
import { meansTask } from "./task-row.ts";

const task = {
  id: "0193aa00-0000-7000-8000-000000000001",
  name: "Checkout-API",
  node: "berlin-1",
  runs: "shop/checkout:2",
  labels: { tier: "Web", canary: "" },
};

describe("what is typed over the list of tasks", () => {
  it.each(["", "checkout", "API", "0193aa", "berlin", "shop/", "tier=web", "tier=", "canary=", "api tier=web berlin"])(
    "%j means it",
    (typed) => expect(meansTask(typed)(task)).toBe(true),
  );

  it.each(["93aa", "munich", "tier=db", "tie=", "api munich"])("%j does not", (typed) => {
    expect(meansTask(typed)(task)).toBe(false);
  });

  it("finds a task that has no place yet", () => {
    expect(meansTask("checkout")({ ...task, node: undefined })).toBe(true);
    expect(meansTask("berlin")({ ...task, node: undefined })).toBe(false);
  });
});
