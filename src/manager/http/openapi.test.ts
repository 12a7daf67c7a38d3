import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FastifyInstance, RouteOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageFile from "../../../package.json" with { type: "json" };
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { NAMED_SCHEMAS } from "../../api/named-schemas.ts";
import { API_VERSION, openApiDocument } from "../../api/openapi.ts";
import type { Operation } from "../../api/operations/operation.ts";
import { OPERATIONS } from "../../api/operations/operations.ts";
import { swaggerUiFiles } from "../../cmd/servers/swagger-ui.ts";
import { Birdman } from "../../client/client.ts";

/** Pages, and what is for workers alone. */
const NOT_DESCRIBED = [/^\/$/, /^\/ui(\/|$)/, /^\/docs\//, /^\/node\//];

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";

interface Route {
  readonly name: string;
  readonly access: string;
  readonly whileStarting: boolean | undefined;
}

let manager: ManagerApi;
const routes: Route[] = [];

beforeAll(async () => {
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook("onRoute", (route) => {
      routes.push(...described(route));
    });
  };
  subscribe("fastify.initialization", listen);
  manager = await ManagerApi.open();
  unsubscribe("fastify.initialization", listen);
  await manager.app.ready();
});

afterAll(async () => {
  await manager[Symbol.asyncDispose]();
});

/** None of HEAD, which goes with GET. */
function described({ url, method, config }: RouteOptions): Route[] {
  if (NOT_DESCRIBED.some((form) => form.test(url))) return [];
  const methods = [method].flat().filter((each) => each !== "HEAD");
  const { access = "read", whileStarting } = config ?? {};
  return methods.map((each) => ({ name: nameOf(each, url), access, whileStarting }));
}

function nameOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
}

test("the table of operations and the routes of the server are the same", () => {
  const table = Object.values(OPERATIONS).map(({ method, path, access, whileStarting }: Operation): Route => ({
    name: nameOf(method, path),
    access,
    whileStarting,
  }));
  const byName = (a: Route, b: Route): number => (a.name < b.name ? -1 : 1);
  expect(table.sort(byName)).toEqual(routes.toSorted(byName));
});

describe.each(Object.entries(OPERATIONS))("%s", (_name, { method, path, query }) => {
  test("takes the parameters that its description lists, and no others", async () => {
    const url = `${path.replace("{id}", ID).replace("{name}", "worker1")}?thisisnone=1`;
    const response = await manager.app.inject({ method, url });
    const { detail = "" } = response.payload.startsWith("{") ? response.json<{ detail?: string }>() : {};
    if (query === undefined) expect(detail).not.toContain("unknown parameter");
    else {
      const names = Object.keys(query);
      const there = names.length === 0 ? "none here" : names.join(", ");
      expect(detail).toBe(`thisisnone: unknown parameter; there are ${there}`);
    }
  });
});

test("every operation but Cube's is a method of the client", () => {
  const names = Object.keys(OPERATIONS).filter((name) => OPERATIONS[name]?.tag !== "classic");
  expect(names.filter((name) => !(name in Birdman.prototype))).toEqual([]);
});

describe("the description", () => {
  test("is served to whoever asks, and is of this version", async () => {
    const response = await manager.app.inject({ url: "/openapi.json" });
    expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(response.json()).toEqual(openApiDocument());
    expect(API_VERSION).toBe(packageFile.version);
  });

  test("says of every body what the schema says that checks it", () => {
    expect(openApiDocument()).toMatchObject({
      components: {
        schemas: {
          TaskDocument: {
            additionalProperties: false,
            properties: {
              memory: { $ref: "#/components/schemas/Size" },
              priority: { type: "integer", minimum: 0, maximum: 100 },
              runtime: { $ref: "#/components/schemas/Runtime" },
            },
          },
          Runtime: { type: "string", enum: ["docker", "process", "hollow"] },
        },
      },
    });
  });

  test("names no schema that it has no use for", () => {
    const text = JSON.stringify(openApiDocument());
    const unused = Object.keys(NAMED_SCHEMAS).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    expect(unused).toEqual([]);
  });

  test("has nothing that a linter finds fault with", async () => {
    const folder = mkdtempSync(join(tmpdir(), "birdman-openapi-"));
    try {
      const file = join(folder, "openapi.json");
      writeFileSync(file, JSON.stringify(openApiDocument(), undefined, 2));
      const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
      const program = join(import.meta.dirname, "../../../node_modules/.bin/redocly");
      // It does not look into `x-item-schema`, and an upgrade is answered with 101.
      const skipped = ["no-unused-components", "operation-2xx-response"].map((rule) => `--skip-rule=${rule}`);
      const args = ["lint", "--extends=recommended-strict", ...skipped, "--format=json", file];
      const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env }).catch(
        (error: { stdout: string }) => error,
      );
      expect(JSON.parse(stdout)).toMatchObject({ problems: [], totals: { errors: 0, warnings: 0 } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the page", () => {
  let withPage: ManagerApi;

  beforeAll(async () => {
    withPage = await ManagerApi.open({ swaggerUi: swaggerUiFiles() });
  });

  afterAll(async () => {
    await withPage[Symbol.asyncDispose]();
  });

  const get = (url: string) => withPage.app.inject({ url });

  test("comes with all that it loads, and loads nothing from elsewhere", async () => {
    const page = await get("/docs/");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    const loaded = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
    expect(loaded).toContain("swagger-ui/swagger-ui-bundle.js");
    for (const link of loaded.filter((each) => !each.startsWith("data:"))) {
      expect((await get(new URL(link, "http://localhost/docs/").pathname)).statusCode).toBe(200);
    }
    expect(page.payload).not.toMatch(/https?:/);
  });

  test("is found without the slash, with which its links are right", async () => {
    const response = await get("/docs");
    expect([response.statusCode, response.headers["location"]]).toEqual([308, "/docs/"]);
    expect((await get("/docs/?x")).statusCode).toBe(200);
  });

  test("gives away no other files", async () => {
    for (const path of ["package.json", "swagger-ui.js", "../openapi.ts", "%2e%2e/package.json", ""]) {
      expect((await get(`/docs/swagger-ui/${path}`)).statusCode).toBe(404);
    }
  });

  test("is not there where its files are not", async () => {
    expect((await manager.app.inject({ url: "/docs/" })).statusCode).toBe(404);
  });
});
