import { Compile } from "typebox/compile";
import { expect, test, vi } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { type PrometheusTargets, PrometheusTargetsSchema } from "../../api/discovery-json.ts";

async function targetsOf(manager: ManagerApi, host: string): Promise<PrometheusTargets> {
  const response = await manager.app.inject({ url: "/discovery/prometheus", headers: { host } });
  expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  const targets = response.json<PrometheusTargets>();
  expect(Compile(PrometheusTargetsSchema).Errors(targets)).toEqual([]);
  return targets;
}

const MANAGER = { targets: ["localhost:8080"], labels: { __scheme__: "http", component: "manager" } };

test("lists the manager as it was asked, and workers with their names and labels", async () => {
  await using manager = await ManagerApi.open();
  await manager.join("worker1", { api: "http://127.0.0.1:8081", labels: { "disk.kind": "ssd" } });
  await manager.join("worker2", { api: "https://worker2.example:8443", labels: {} });
  await manager.join("old-one");
  expect(await targetsOf(manager, "localhost:8080")).toEqual([
    MANAGER,
    {
      targets: ["127.0.0.1:8081"],
      labels: { __scheme__: "http", component: "worker", node: "worker1", __meta_birdman_label_disk_kind: "ssd" },
    },
    {
      targets: ["worker2.example:8443"],
      labels: { __scheme__: "https", component: "worker", node: "worker2" },
    },
  ]);
});

test("leaves out workers on loopback when the manager can be reached from elsewhere, for they are elsewhere", async () => {
  await using manager = await ManagerApi.open({ access: { listenHost: "0.0.0.0" } });
  await manager.join("worker1", { api: "http://127.0.0.1:8081" });
  await manager.join("worker2", { api: "http://[::1]:8081" });
  await manager.join("worker3", { api: "http://10.0.0.3:8081" });
  const targets = await targetsOf(manager, "10.0.0.1:8080");
  expect(targets.map(({ targets: [first] }) => first)).toEqual(["10.0.0.1:8080", "10.0.0.3:8081"]);
});

test("keeps to what is an address, and leaves out who said goodbye", async () => {
  await using manager = await ManagerApi.open();
  await manager.join("worker1", { api: "nonsense" });
  const worker = await manager.join("worker2", { api: "http://10.0.0.3:8081" });
  expect(await targetsOf(manager, "localhost:8080")).toHaveLength(2);
  worker.leave();
  await vi.waitFor(async () => expect(await targetsOf(manager, "localhost:8080")).toEqual([MANAGER]));
});
