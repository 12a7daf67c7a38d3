import { expect, test } from "vitest";
import { defaultDataDir } from "./data-dir.ts";

test.each([
  [true, { HOME: "/root", XDG_DATA_HOME: "/data" }, "/var/lib/birdman/worker/w1"],
  [false, { HOME: "/home/ada" }, "/home/ada/.local/share/birdman/worker/w1"],
  [false, { HOME: "/home/ada", XDG_DATA_HOME: "/data" }, "/data/birdman/worker/w1"],
  [false, { HOME: "/home/ada", XDG_DATA_HOME: "relative" }, "/home/ada/.local/share/birdman/worker/w1"],
])("root: %s, %j", (isRoot, env, directory) => {
  expect(defaultDataDir(["worker", "w1"], { isRoot, env })).toBe(directory);
});
