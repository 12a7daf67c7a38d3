import { describe, expect, test } from "vitest";
import type { SpecDocument } from "../../../task/document.ts";
import { requestOf } from "../../../../test/support/instances.ts";
import { instanceName, type StartRequest } from "../runtime.ts";
import { instanceLabelOf, labelsOf, refOf } from "./labels.ts";

function request(document: SpecDocument): StartRequest {
  const made = requestOf(document);
  return { ...made, ref: { ...made.ref, attempt: 3, restart: 2 }, label: { ...made.label, local: true } };
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
    expect(refOf(labels, instanceName(started.ref))).toEqual(started.ref);
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

  test("name nothing on a container of another name: an image committed from one of ours hands them on", () => {
    expect(refOf(labelsOf("w1", request({ image: "a" })), "hopeful_hopper")).toBeUndefined();
  });

  test("that are not ours, or broken, name nothing", () => {
    const one = request({ image: "a" });
    const name = instanceName(one.ref);
    expect(refOf({}, name)).toBeUndefined();
    const good = labelsOf("w1", one);
    expect(refOf({ ...good, "birdman.task": "shop" }, name)).toBeUndefined();
    expect(refOf({ ...good, "birdman.attempt": "-1" }, name)).toBeUndefined();
    expect(instanceLabelOf({ ...good, "birdman.spec": "{" })).toBeUndefined();
    expect(instanceLabelOf({ ...good, "birdman.spec": '{"image":5}' })).toBeUndefined();
  });
});
