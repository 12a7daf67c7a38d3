import { describe, expect, test } from "vitest";
import { parseTaskId } from "../../../task/id.ts";
import { publicDocument, resolveSpec } from "../../../task/spec.ts";
import type { SpecDocument } from "../../../task/document.ts";
import type { StartRequest } from "../runtime.ts";
import { instanceLabelOf, labelsOf, refOf } from "./labels.ts";

function request(document: SpecDocument): StartRequest {
  const task = parseTaskId("0193a2c4-0000-7000-8000-000000000001");
  if (task === undefined) throw new Error("no UUID");
  return {
    ref: { task, attempt: 3, restart: 2 },
    taskName: "shop",
    spec: resolveSpec(document),
    ports: [],
    nodeName: "worker1",
    label: { name: "shop", local: true, createdAt: 1_795_424_258_000, spec: publicDocument(document) },
  };
}

describe("labels", () => {
  test("bring back what was started", () => {
    const started = request({
      image: "shop:1",
      command: ["serve", "--now"],
      env: { A: "1" },
      ports: [{ container: 80 }],
    });
    const labels = labelsOf("w1", started);
    expect(refOf(labels)).toEqual(started.ref);
    expect(instanceLabelOf(labels)).toEqual(started.label);
  });

  test("hold no secrets", () => {
    const labels = labelsOf(
      "w1",
      request({
        image: "shop:1",
        env: { TOKEN: { value: "s3cret", secret: true } },
        registryAuth: { username: "ann", password: "hunter2" },
      }),
    );
    expect(JSON.stringify(labels)).not.toMatch(/s3cret|hunter2/);
  });

  test("of the user are kept, but cannot pass for ours", () => {
    const labels = labelsOf("w1", request({ image: "a", labels: { tier: "web", "birdman.worker": "w2" } }));
    expect(labels).toMatchObject({ tier: "web", "birdman.worker": "w1" });
  });

  test("that are not ours, or broken, name nothing", () => {
    expect(refOf({})).toBeUndefined();
    const good = labelsOf("w1", request({ image: "a" }));
    expect(refOf({ ...good, "birdman.task": "shop" })).toBeUndefined();
    expect(refOf({ ...good, "birdman.attempt": "-1" })).toBeUndefined();
    expect(instanceLabelOf({ ...good, "birdman.spec": "{" })).toBeUndefined();
    expect(instanceLabelOf({ ...good, "birdman.spec": '{"image":5}' })).toBeUndefined();
  });
});
