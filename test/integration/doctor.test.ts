/** `birdman doctor` against a manager with TLS and tokens, as somebody has it who sets up another machine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/cmd/doctor/finding.ts";
import { type BirdmanProcess, freePort, startBirdman, until } from "../support/birdman-process.ts";
import { runLine } from "../support/run-line.ts";

let folder: string;
let cert: string;
let address: string;
let manager: BirdmanProcess;
let worker: BirdmanProcess;
let reader: string;
let writer: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "birdman-doctor-"));
  cert = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=birdman", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", ...kind, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const port = String(await freePort());
  address = `https://localhost:${port}`;
  [reader, writer] = [await token("read"), await token("read,write")];
  const access = ["--tls-cert", cert, "--tls-key", key, "--token-file", join(folder, "tokens")];
  const workerToken = await token("node");
  manager = startBirdman(["manager", "--port", port, "--store", "memory", ...access]);
  await until("the manager", () => manager.output().includes("birdman manager"));
  const place = ["--port", "0", "--data-dir", join(folder, "worker")];
  const joins = ["--manager", address, "--ca-cert", cert, "--token", workerToken];
  worker = startBirdman(["worker", "--name", "w1", "--runtime", "hollow", ...place, ...joins]);
  await until("the worker to join", () => worker.output().includes("joined as w1"));
});

afterAll(async () => {
  await Promise.all([worker.end(), manager.end()]);
  rmSync(folder, { recursive: true });
});

async function token(scope: string): Promise<string> {
  const { out } = await runLine(["token", "create", "--scope", scope, "--token-file", join(folder, "tokens")]);
  return out.trim();
}

interface Examined {
  readonly status: number;
  readonly ok: boolean;
  readonly checks: readonly Finding[];
  readonly err: string;
}

async function doctor(...flags: readonly string[]): Promise<Examined> {
  const own = ["--manager", address, "--data-dir", join(folder, "data"), "-o", "json"];
  const { status, out, err } = await runLine(["doctor", ...own, ...flags]);
  return { status, err, ...(JSON.parse(out) as { ok: boolean; checks: Finding[] }) };
}

function found({ checks }: Examined, name: string): Finding | undefined {
  return checks.find(({ check }) => check === name);
}

test("says that all is well but the certificate, which ends soon", async () => {
  const examined = await doctor("--ca-cert", cert, "--token", writer);
  expect(examined).toMatchObject({ status: 0, ok: true, err: "" });
  expect(found(examined, "manager")).toMatchObject({ verdict: "ok", remedy: null });
  expect(found(examined, "manager: access")).toMatchObject({ detail: "may read and change" });
  expect(found(examined, "manager: clock")).toMatchObject({ verdict: "ok" });
  expect(found(examined, "nodes")).toMatchObject({ verdict: "ok", detail: "1 of 1 ready" });
  const certificate = found(examined, "manager: certificate");
  expect(certificate).toMatchObject({ verdict: "warn", remedy: expect.stringContaining("Renew") });
  expect(certificate?.detail).toMatch(/^1 days are left \(of birdman, until \d{4}-\d\d-\d\d\)$/);
});

test("nodes tell their clocks, and one that agrees is no finding", async () => {
  const asked = ["--manager", address, "--ca-cert", cert, "--token", reader];
  const node = await until("the worker to tell its clock", async () => {
    const { out } = await runLine(["node", "show", "w1", "-o", "json", ...asked]);
    const shown = JSON.parse(out) as { readonly clockSkew?: number };
    return shown.clockSkew === undefined ? undefined : shown;
  });
  expect(Math.abs(node.clockSkew ?? Infinity)).toBeLessThan(2000);
  const { checks } = await doctor("--ca-cert", cert, "--token", reader);
  expect(checks.filter(({ check }) => check.startsWith("node w1"))).toEqual([]);
});

test("says what a token is not good for", async () => {
  const reads = await doctor("--ca-cert", cert, "--token", reader);
  expect(found(reads, "manager: access")).toMatchObject({ verdict: "ok", detail: "may read, and change nothing" });
  const none = await doctor("--ca-cert", cert);
  expect(none).toMatchObject({ status: 1, ok: false });
  expect(none.err).toMatch(/^birdman: 1 check of \d+ failed\n$/);
  expect(found(none, "manager: read")).toMatchObject({ verdict: "fail", remedy: expect.stringContaining("--token") });
});

test("says how to trust the certificate", async () => {
  const examined = await doctor();
  expect(examined.status).toBe(1);
  expect(found(examined, "manager: certificate")).toMatchObject({
    verdict: "fail",
    remedy: expect.stringContaining("--ca-cert"),
  });
});
