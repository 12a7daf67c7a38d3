import { describe, expect, test } from "vitest";
import { PullProgress } from "./pull-progress.ts";

const MIB = 2 ** 20;

function downloading(id: string, current: number, total: number) {
  return { id, status: "Downloading", progressDetail: { current: current * MIB, total: total * MIB } };
}

describe("the progress of a pull", () => {
  test("says only that it pulls while no sizes are known", () => {
    const progress = new PullProgress("nginx:1.27");
    progress.add({ status: "Pulling from library/nginx", id: "1.27" });
    progress.add({ status: "Pulling fs layer", id: "a" });
    expect(progress.sentence).toBe("pulling nginx:1.27");
  });

  test("adds up what all layers have and need", () => {
    const progress = new PullProgress("nginx:1.27");
    progress.add(downloading("a", 10, 30));
    progress.add(downloading("b", 20.5, 27));
    expect(progress.sentence).toBe("pulling nginx:1.27: 30 of 57 MiB");
    progress.add(downloading("a", 14, 30));
    expect(progress.sentence).toBe("pulling nginx:1.27: 34 of 57 MiB");
    progress.add({ id: "a", status: "Download complete" });
    expect(progress.sentence).toBe("pulling nginx:1.27: 50 of 57 MiB");
  });

  test("gives both figures in the unit of the whole", () => {
    const progress = new PullProgress("big");
    progress.add(downloading("a", 100, 2048));
    expect(progress.sentence).toBe("pulling big: 0 of 2 GiB");
  });

  test("says that it unpacks once all is there", () => {
    const progress = new PullProgress("nginx:1.27");
    progress.add(downloading("a", 10, 30));
    progress.add(downloading("b", 1, 27));
    progress.add({ id: "a", status: "Extracting", progressDetail: { current: 1, total: 30 * MIB } });
    expect(progress.sentence).toBe("pulling nginx:1.27: 31 of 57 MiB");
    progress.add({ id: "b", status: "Download complete" });
    expect(progress.sentence).toBe("unpacking nginx:1.27");
  });
});
