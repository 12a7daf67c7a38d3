import { describe, expect, test } from "vitest";
import type { SpecDocument } from "../../../task/document.ts";
import type { PortBinding } from "../../../task/task.ts";
import { requestOf } from "../../../../test/support/instances.ts";
import type { StartRequest } from "../runtime.ts";
import { containerConfig } from "./container-config.ts";

function request(document: SpecDocument, ports: readonly PortBinding[] = []): StartRequest {
  return { ...requestOf(document), ports };
}

describe("the container of a task", () => {
  test("limits what the user limited, and swap with it", () => {
    const { HostConfig: host } = containerConfig("w", request({ image: "a", cpu: 0.25, memory: "64MiB" }), undefined);
    expect(host).toMatchObject({ NanoCpus: 250_000_000, Memory: 67_108_864, MemorySwap: 67_108_864 });
  });

  test("limits nothing that the user did not, though it is reserved", () => {
    const { HostConfig: host } = containerConfig("w", request({ image: "a" }), undefined);
    expect(host).toMatchObject({ NanoCpus: undefined, Memory: undefined, MemorySwap: undefined });
  });

  test("is never restarted by the engine, and keeps a bounded log", () => {
    const { HostConfig: host } = containerConfig(
      "w",
      request({ image: "a", restart: { policy: "always" } }),
      undefined,
    );
    expect(host?.RestartPolicy).toEqual({ Name: "no" });
    expect(host?.LogConfig).toEqual({ Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } });
  });

  test("publishes each port where it was chosen", () => {
    const ports: PortBinding[] = [
      { container: 53, host: 20_001, protocol: "tcp", address: "127.0.0.1" },
      { container: 53, host: 20_002, protocol: "udp", address: "10.0.0.1" },
      { container: 53, host: 20_003, protocol: "tcp", address: "10.0.0.1" },
    ];
    const document: SpecDocument = { image: "a", ports: [{ container: 53 }, { container: 53, protocol: "udp" }] };
    const config = containerConfig("w", request(document, ports), "birdman-w");
    expect(config.ExposedPorts).toEqual({ "53/tcp": {}, "53/udp": {} });
    expect(config.HostConfig?.PortBindings).toEqual({
      "53/tcp": [
        { HostIp: "127.0.0.1", HostPort: "20001" },
        { HostIp: "10.0.0.1", HostPort: "20003" },
      ],
      "53/udp": [{ HostIp: "10.0.0.1", HostPort: "20002" }],
    });
    expect(config.HostConfig?.NetworkMode).toBe("birdman-w");
  });

  test("mounts host paths and named volumes", () => {
    const volumes = [
      { source: "/srv/data", target: "/data", readOnly: true },
      { source: "cache", target: "/cache" },
    ];
    expect(containerConfig("w", request({ image: "a", volumes }), undefined).HostConfig?.Mounts).toEqual([
      { Type: "bind", Source: "/srv/data", Target: "/data", ReadOnly: true },
      { Type: "volume", Source: "cache", Target: "/cache", ReadOnly: false },
    ]);
  });

  test("cannot pretend to be another task by its environment", () => {
    const asked = request({ image: "a", env: { BIRDMAN_ATTEMPT: "99", A: "=b c" } });
    expect(containerConfig("w", asked, undefined).Env).toEqual([
      "BIRDMAN_ATTEMPT=1",
      "A==b c",
      `BIRDMAN_TASK_ID=${asked.ref.task}`,
      `BIRDMAN_TASK_NAME=${asked.taskName}`,
      `BIRDMAN_NODE=${asked.nodeName}`,
    ]);
  });

  test("needs an image", () => {
    expect(() => containerConfig("w", request({ command: ["true"] }), undefined)).toThrow(
      expect.objectContaining({ name: "StartError", code: "spec" }),
    );
  });
});
