/** Requests drawn by chance: what the description asks for, nearly so, and what nobody would send on purpose. */
import type { SeededRandom } from "../seeded-random.ts";
import type { DescribedApi, DescribedOperation } from "./described-api.ts";
import { DrawnJson } from "./drawn-json.ts";

export interface DrawnRequest {
  /** Undefined for one that goes to no address of the description. */
  readonly operation: DescribedOperation | undefined;
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Lists of everything grow with every request: asked for seldom, or nothing else would be tested. */
const SELDOM: Readonly<Record<string, number>> = { classicTasks: 0.02, removeNode: 0.3, metrics: 0.2, openApi: 0.1 };

const BROKEN_JSON = ["{", "[1,]", '{"a":1}}', "\ufeff{}", '{"image":"x', "nul", '"\\ud8"', "1e", "{'a':1}", "\u0000"];
const MEDIA_TYPES = [
  "text/plain",
  "application/xml",
  "application/x-www-form-urlencoded",
  "json",
  "multipart/form-data",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND"];
const ADDRESSES = [
  "/",
  "/nothing",
  "//",
  "/tasks//",
  "/tasks/%",
  "/tasks/%00",
  "/node/session",
  "/ui/../tasks",
  "/docs/x",
];

export class DrawnRequests {
  readonly json: DrawnJson;
  readonly #random: SeededRandom;
  readonly #operations: readonly { readonly operation: DescribedOperation; readonly weight: number }[];
  readonly #unasked: DescribedOperation[];

  constructor(api: DescribedApi, random: SeededRandom) {
    this.#random = random;
    this.json = new DrawnJson(api, random);
    this.#unasked = [...api.operations];
    this.#operations = api.operations.map((operation) => ({ operation, weight: SELDOM[operation.id] ?? 1 }));
  }

  /** Each operation once, and then as chance will have it. */
  next(): DrawnRequest {
    const unasked = this.#unasked.pop();
    if (unasked !== undefined) return this.to(unasked);
    if (this.#random.chance(0.05)) return this.#astray();
    return this.to(this.#random.pickWeighted(this.#operations).operation);
  }

  to(operation: DescribedOperation): DrawnRequest {
    const random = this.#random;
    const { parameters, method, path } = operation;
    const given = parameters.filter((parameter) => parameter.in === "path" || random.chance(0.3));
    const word = (name: string, schema: DescribedOperation["parameters"][number]["schema"]): string =>
      name === "name" && random.chance(0.8) ? "worker1" : this.json.word(schema);
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    let address = path;
    for (const { in: place, name, schema } of given) {
      const text = word(place === "path" ? name : "", schema);
      if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(text.toWellFormed() || "x"));
      else if (place === "query") query.append(name, text.toWellFormed());
      else headers[name] = text.replaceAll(/[^ -~]/g, "?").slice(0, 4000);
    }
    if (random.chance(0.03)) query.append(random.pick(["limit", "x", "__proto__", "follow"]), "1");
    const target = query.size === 0 ? address : `${address}?${query.toString()}`;
    return { operation, method, target, ...this.#bodied(operation, headers) };
  }

  #bodied(
    { body, examples, method }: DescribedOperation,
    headers: Readonly<Record<string, string>>,
  ): Pick<DrawnRequest, "headers" | "body"> {
    const random = this.#random;
    // Of a body with GET nothing is said.
    if (method === "GET" || (body === undefined && random.chance(0.9))) return { headers, body: undefined };
    const type = random.chance(0.95) ? "application/json" : random.pick(MEDIA_TYPES);
    return { headers: { ...headers, "content-type": type }, body: this.#body(body, examples) };
  }

  #body(schema: DescribedOperation["body"], examples: DescribedOperation["examples"]): string {
    const random = this.#random;
    // What fits the schema is refused most of the time, for what it means.
    if (examples.length > 0 && random.chance(0.3)) {
      const example = random.pick(examples);
      return JSON.stringify(random.chance(0.6) ? example : this.json.spoiled(example)) ?? "";
    }
    const kind = random.next();
    if (schema === undefined || kind < 0.05) return JSON.stringify(this.json.anything());
    if (kind < 0.6) return JSON.stringify(this.json.fitting(schema));
    if (kind < 0.92) return JSON.stringify(this.json.missing(schema)) ?? "";
    if (kind < 0.96) return random.pick(BROKEN_JSON);
    const text = JSON.stringify(this.json.fitting(schema));
    return text.slice(0, random.below(text.length));
  }

  /** To where nothing is, or nothing of this method. */
  #astray(): DrawnRequest {
    const random = this.#random;
    const known = random.pickWeighted(this.#operations).operation.path.replaceAll(/\{\w+\}/g, "x");
    const target = random.chance(0.5) ? random.pick(ADDRESSES) : known;
    return { operation: undefined, method: random.pick(METHODS), target, headers: {}, body: undefined };
  }
}
