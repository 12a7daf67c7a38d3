/** JSON drawn by chance: as a schema has it, nearly so, and anything at all. */
import type { SeededRandom } from "../seeded-random.ts";
import type { DescribedApi, Schema } from "./described-api.ts";

/** Texts that fit the patterns of the description: each pattern has to have one. */
const TEXTS = [
  "a", "web", "worker1", "7777", "80", "7777/tcp", "12", "250", "0", "2s", "500ms", "1h30m", "1.5GiB", "64MiB", "10 MB",
  "/health", "/var/lib/data", "data", "birdman/echo:latest", "label.disk == ssd", "node != worker3", "disk",
  "return=minimal", "0193", "ff-", "key-1", "é €", "", "21b23589-5d2d-4731-b5c9-a97e9832d021", "9".repeat(15),
]; // prettier-ignore

/** Texts that servers have stumbled over. */
const NASTY = [
  "", " ", "\u0000", "\u0007bell", "\ud800", "𝒳".repeat(40), "x".repeat(5000), "../../etc/passwd", "%2e%2e%2f", "null",
  "__proto__", "constructor", "toString", "1e999", "-0", "NaN", "'; DROP TABLE tasks;--", "${jndi:ldap://x}", "\u202eabc",
  "a\r\nSet-Cookie: x=1", "[]", "{}", "99999999999999999999", "0x10", "１２", "true", "<script>", "\ufeff", "a\u0301",
]; // prettier-ignore

export class DrawnJson {
  readonly #random: SeededRandom;
  readonly #api: DescribedApi;
  /** Ids that there are: drawn in place of others, so that requests meet. */
  readonly ids: string[] = [];

  constructor(api: DescribedApi, random: SeededRandom) {
    this.#api = api;
    this.#random = random;
  }

  /** A value that fits the schema. */
  fitting(unresolved: Schema, depth = 0): unknown {
    const random = this.#random;
    const schema = this.#api.resolve(unresolved);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return random.pick(schema.enum);
    if (schema.anyOf !== undefined) return this.fitting(random.pick(schema.anyOf), depth);
    switch (schema.type) {
      case "string":
        return this.#text(schema);
      case "integer":
        return Math.floor(this.#number(schema));
      case "number":
        return this.#number(schema);
      case "boolean":
        return random.chance(0.5);
      case "null":
        return null;
      case "array": {
        const { items = {}, minItems = 0 } = schema;
        const length = minItems + random.below(depth === 0 ? 4 : 2);
        return Array.from({ length }, () => this.fitting(items, depth + 1));
      }
      case "object":
        return this.#object(schema, depth);
      default:
        return this.anything();
    }
  }

  /** A value that fits but for one place. */
  missing(schema: Schema): unknown {
    return this.spoiled(this.fitting(schema));
  }

  /** The value with one thing in it changed. */
  spoiled(value: unknown): unknown {
    const random = this.#random;
    if (typeof value !== "object" || value === null || random.chance(0.15)) return this.anything();
    if (Array.isArray(value)) {
      if (value.length === 0) return [this.anything()];
      const index = random.below(value.length);
      return value.map((item: unknown, at) => (at === index ? this.spoiled(item) : item));
    }
    const entries = Object.entries(value);
    const index = random.below(entries.length + 1);
    const [key = "x", inner] = entries[index] ?? [];
    if (index === entries.length) return { ...value, [this.#nasty()]: this.anything() };
    if (random.chance(0.2)) return Object.fromEntries(entries.filter((_, at) => at !== index));
    if (random.chance(0.1)) return Object.fromEntries([...entries, [key.toUpperCase(), inner]]);
    return { ...value, [key]: this.spoiled(inner) };
  }

  anything(depth = 0): unknown {
    const random = this.#random;
    switch (random.below(depth > 3 ? 6 : 9)) {
      case 0:
        return null;
      case 1:
        return random.chance(0.5);
      case 2:
        return random.pick([0, -1, 1.5, 1e308, -1e-308, 2 ** 53, 65_536, 4_294_967_296]);
      case 3:
      case 4:
        return this.#nasty();
      case 5:
        return random.pick(TEXTS);
      case 6:
        return Array.from({ length: random.below(4) }, () => this.anything(depth + 1));
      case 7:
        return Object.fromEntries(
          Array.from({ length: random.below(4) }, () => [this.#nasty(), this.anything(depth + 1)]),
        );
      default:
        return JSON.parse("[".repeat(300) + "]".repeat(300));
    }
  }

  /** Of a parameter of the path, the query or a header. */
  word(schema: Schema): string {
    const random = this.#random;
    if (random.chance(0.75)) return String(this.fitting(schema));
    return random.chance(0.5) ? this.#nasty() : random.pick(TEXTS);
  }

  #object({ properties = {}, required = [], patternProperties = {} }: Schema, depth: number): object {
    const random = this.#random;
    const wanted = random.between(0.05, depth === 0 ? 0.5 : 0.8);
    const known = Object.entries(properties).filter(([key]) => required.includes(key) || random.chance(wanted));
    const [pattern, entry = {}] = Object.entries(patternProperties)[0] ?? [];
    const free = pattern === undefined ? [] : Array.from({ length: random.below(3) }, () => this.#text({ pattern }));
    return Object.fromEntries([
      ...known.map(([key, schema]) => [key, this.fitting(schema, depth + 1)]),
      ...free.map((key) => [key, this.fitting(entry, depth + 1)]),
    ]);
  }

  #text({ pattern, format, minLength = 0, maxLength = 5000 }: Schema): string {
    const random = this.#random;
    if (format === "uuid" || pattern?.startsWith("^[0-9a-fA-F]{8}") === true) return this.#id();
    if (format === "date-time") return new Date(1.7e12 + random.below(1e11)).toISOString();
    const form = pattern === undefined ? undefined : formOf(pattern);
    const fitting = [...TEXTS, this.#id()].filter(
      (text) => text.length >= minLength && text.length <= maxLength && form?.test(text) !== false,
    );
    if (fitting.length === 0) throw new Error(`TEXTS has none of the pattern ${String(pattern)}`);
    return random.pick(fitting);
  }

  #id(): string {
    const random = this.#random;
    if (this.ids.length > 0 && random.chance(0.7)) return random.pick(this.ids);
    return "00000000-0000-4000-8000-000000000000".replaceAll("0", () => random.below(16).toString(16));
  }

  #number({ minimum = -1000, maximum = 1e6 }: Schema): number {
    const random = this.#random;
    if (random.chance(0.1)) return random.pick([minimum, maximum]);
    // Small ones are what is meant most of the time.
    return minimum + random.next() ** 6 * (maximum - minimum);
  }

  #nasty(): string {
    return this.#random.pick(NASTY);
  }
}

const forms = new Map<string, RegExp>();

function formOf(pattern: string): RegExp {
  const form = forms.get(pattern) ?? new RegExp(pattern, "u");
  forms.set(pattern, form);
  return form;
}
