/**
 * What is wrong with a value, in words for the person who wrote it. The compiled validator only says yes or no, fast;
 * this walks the same schema for the few values that were refused.
 */
import type { TSchema } from "typebox";
import { closest } from "../utils/closest.ts";
import type { FieldError } from "./problems.ts";

/** As much of JSON Schema as Birdman's schemas use. */
interface JsonSchema {
  readonly description?: string;
  readonly type?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Errors beyond this many are not looked for. */
export const MAX_ERRORS = 50;

/** Everything wrong with the value, up to `MAX_ERRORS`. Paths begin with `path` and are JSON pointers. */
export function schemaErrors(schema: TSchema, value: unknown, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, value, { path, name: "", errors });
  return errors;
}

/** One step of a JSON pointer. */
export function pointerStep(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

interface Place {
  readonly path: string;
  /** The nearest field's name: what the wording depends on. */
  readonly name: string;
  /** What the enclosing union says of its members. */
  readonly description?: string | undefined;
  readonly errors: FieldError[];
}

function visit(schema: JsonSchema, value: unknown, place: Place): void {
  if (place.errors.length >= MAX_ERRORS) return;
  if (schema.anyOf !== undefined) {
    visitUnion(schema, value, place);
    return;
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    add(place, mismatch([schema.type], value, place.description));
    return;
  }
  if (schema.const !== undefined) {
    if (value !== schema.const) add(place, `must be ${JSON.stringify(schema.const)}`);
  } else if (typeof value === "string") visitString(schema, value, place);
  else if (typeof value === "number") visitNumber(schema, value, place);
  else if (Array.isArray(value)) visitList(schema, value, place);
  else if (typeof value === "object" && value !== null) visitObject(schema, value, place);
}

function visitUnion({ anyOf: members = [] }: JsonSchema, value: unknown, place: Place): void {
  const words = members.map((member) => member.const).filter((word) => typeof word === "string");
  if (words.length === members.length) {
    if (typeof value === "string" && words.includes(value)) return;
    const meant = typeof value === "string" ? closest(value, words) : undefined;
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    add(place, `must be one of ${words.map((word) => `"${word}"`).join(", ")}${hint}`);
    return;
  }
  const descriptions = members.flatMap((member) => member.description ?? []);
  const description = descriptions.length === 0 ? undefined : descriptions.join(", or ");
  const fitting = members.find((member) => looksLike(value, member.type ?? ""));
  if (fitting !== undefined) visit(fitting, value, { ...place, description });
  else
    add(
      place,
      mismatch(
        members.map((member) => member.type ?? "value"),
        value,
        description,
      ),
    );
}

function visitString(schema: JsonSchema, text: string, place: Place): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  if (text.length < minLength) add(place, "must not be empty");
  else if (text.length > maxLength && (text.length > 2 * maxLength || Array.from(text).length > maxLength)) {
    add(place, `must have at most ${String(maxLength)} characters`);
  } else if (pattern !== undefined && !matches(pattern, text)) add(place, wrongForm(pattern, place));
}

function visitNumber({ minimum, maximum }: JsonSchema, value: number, place: Place): void {
  if (minimum !== undefined && value < minimum) add(place, `must be at least ${String(minimum)}`);
  if (maximum !== undefined && value > maximum) add(place, `must be at most ${String(maximum)}`);
}

function visitList(schema: JsonSchema, list: readonly unknown[], place: Place): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (list.length < minItems) add(place, "must not be empty");
  if (list.length > maxItems) {
    add(place, `must have at most ${String(maxItems)} items`);
    return;
  }
  if (items === undefined) return;
  for (const [index, item] of list.entries()) visit(items, item, { ...place, path: `${place.path}/${String(index)}` });
}

function visitObject(schema: JsonSchema, value: object, place: Place): void {
  const { properties = {}, patternProperties, required = [], maxProperties = Number.POSITIVE_INFINITY } = schema;
  const entries = Object.entries(value);
  for (const key of required) if (!Object.hasOwn(value, key)) add(place, `"${key}" is missing`);
  if (entries.length > maxProperties) {
    add(place, `must have at most ${String(maxProperties)} entries`);
    return;
  }
  const [keyPattern, entrySchema] = Object.entries(patternProperties ?? {})[0] ?? [];
  for (const [key, child] of entries) {
    if (place.errors.length >= MAX_ERRORS) return;
    const inner: Place = { path: place.path + pointerStep(key), name: key, errors: place.errors };
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined) visit(known, child, inner);
    else if (keyPattern === undefined || entrySchema === undefined)
      add(inner, unknownField(key, Object.keys(properties)));
    else if (!matches(keyPattern, key))
      add(inner, `"${shortened(key)}" cannot be a key of ${place.name}: ${KEY_FORMS.get(place.name) ?? ""}`);
    else visit(entrySchema, child, { ...inner, name: `${place.name}.*` });
  }
}

function add({ path, errors }: Place, message: string): void {
  if (errors.length < MAX_ERRORS) errors.push({ path, message });
}

export function unknownField(key: string, known: readonly string[]): string {
  const meant = closest(key, known);
  return `unknown field "${shortened(key)}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

function shortened(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

const KEY_FORMS = new Map([
  ["env", "no spaces, no =, at most 256 characters"],
  ["labels", "letters, digits and . _ / - inside, at most 128 characters"],
]);

/** What a string of a field must look like. The patterns themselves are no language for people. */
const FORMS = new Map([
  ["id", "must be a UUID"],
  ["name", "must be printable characters with no space at either end"],
  ["image", "must be an image's name, with no spaces or control characters"],
  ["path", "must begin with / and have no spaces or control characters"],
  ["source", "must be a volume's name or an absolute path, without a colon"],
  ["target", "must be an absolute path in the container, without a colon"],
]);

function wrongForm(pattern: string, { name, description }: Place): string {
  if (description !== undefined) return `must be ${asClause(description)}`;
  const form = FORMS.get(name);
  if (form !== undefined) return form;
  return `must not contain ${pattern.includes("u0000") ? "a NUL character" : "control characters"}`;
}

function mismatch(types: readonly string[], value: unknown, description: string | undefined): string {
  const wanted =
    description === undefined ? types.map((type) => TYPE_NAMES.get(type) ?? type).join(" or ") : asClause(description);
  return `must be ${wanted}, not ${typeName(value)}`;
}

function asClause(description: string): string {
  return description.charAt(0).toLowerCase() + description.slice(1);
}

const TYPE_NAMES = new Map([
  ["string", "a string"],
  ["number", "a number"],
  ["integer", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
]);

export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return Number.isInteger(value) ? "a number" : "a fraction";
  if (typeof value === "number") return "one beyond all bounds";
  return TYPE_NAMES.get(typeof value) ?? typeof value;
}

function hasType(value: unknown, type: string): boolean {
  return type === "integer" ? Number.isInteger(value) : looksLike(value, type);
}

/** As `hasType`, but a fraction passes for an integer, so that it is told what is wrong with it as a number. */
function looksLike(value: unknown, type: string): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

const patterns = new Map<string, RegExp>();

function matches(pattern: string, text: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(pattern, "u");
  patterns.set(pattern, known);
  return known.test(text);
}
