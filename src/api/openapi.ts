/**
 * The API's description (OpenAPI 3.1), made from the table of operations and from the very schemas by which requests are
 * checked and answers are typed.
 */
import type { TSchema } from "typebox";
import { ClassicErrorSchema } from "./classic-json.ts";
import { NAMED_SCHEMAS } from "./named-schemas.ts";
import {
  type Answer,
  type Operation,
  PATH_PARAMETERS,
  problemsOf,
  REQUEST_HEADERS,
  RESPONSE_HEADERS,
  TAGS,
} from "./operations/operation.ts";
import { OPERATIONS } from "./operations/operations.ts";
import { ProblemJsonSchema } from "./problem-json.ts";
import { problem, type ProblemCode, PROBLEMS } from "./problems.ts";

/** Of the package as well, which a test sees to. */
export const API_VERSION = "0.1.0";

export const OPENAPI_VERSION = "3.1.1";

const ABOUT = `Schedules, runs and watches tasks on many machines.

Times are RFC 3339, sizes bytes, \`cpu\` cores, durations milliseconds. In what is sent, an unknown field or parameter is
refused by name; in what is answered, new fields may appear. A manager that was started with tokens asks for one of the
scope that the operation names.`;

type Json = unknown;

/** A new object each time. */
export function openApiDocument(): Readonly<Record<string, Json>> {
  const responses = new Map<string, Json>();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, operation] of Object.entries(OPERATIONS)) {
    const path = (paths[operation.path] ??= {});
    path[operation.method] = operationObject(id, operation, responses);
  }
  return {
    openapi: OPENAPI_VERSION,
    info: {
      title: "Birdman",
      version: API_VERSION,
      summary: "The API of a manager",
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The manager that serves this description" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(NAMED_SCHEMAS).map(([name, schema]) => [name, inside(schema)])),
      responses: Object.fromEntries([...responses].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "`birdman token create` makes tokens. A scope is named as a role: read, write, exec.",
        },
      },
    },
  };
}

function operationObject(operationId: string, operation: Operation, responses: Map<string, Json>): Json {
  const { tag, summary, description, access, answers } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: access === "open" ? [] : [{ token: [access] }],
    parameters: parametersOf(operation),
    ...bodyOf(operation),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseObject(answer)])),
      ...refusals(operation, responses),
    },
  };
}

function bodyOf({ body, examples = {} }: Operation): { readonly requestBody?: Json } {
  if (body === undefined) return {};
  const named = Object.entries(examples).map(([summary, value], index) => [String(index + 1), { summary, value }]);
  const content = {
    schema: schemaObject(body),
    ...(named.length === 0 ? {} : { examples: Object.fromEntries(named) as Json }),
  };
  return { requestBody: { required: true, content: { "application/json": content } } };
}

function parametersOf({ path, query = {}, headers = [] }: Operation): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const inPath = Object.entries(PATH_PARAMETERS).filter(([name]) => names.includes(name));
  return [
    ...inPath.map(([name, schema]) => ({ name, in: "path", required: true, ...described(schema) })),
    ...Object.entries(query).map(([name, { schema }]) => ({ name, in: "query", ...described(schema) })),
    ...headers.map((name) => ({ name, in: "header", ...described(REQUEST_HEADERS[name]) })),
  ];
}

function responseObject({ description, content, events, headers = [] }: Answer): Json {
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, described(RESPONSE_HEADERS[name])])) }),
    ...(content === undefined
      ? {}
      : {
          content: Object.fromEntries(
            Object.entries(content).map(([type, schema]) => [
              type,
              {
                schema: schemaObject(schema),
                // What OpenAPI 3.2 calls `itemSchema`.
                ...(type === "text/event-stream" && events !== undefined
                  ? { "x-item-schema": schemaObject(events) }
                  : {}),
              },
            ]),
          ),
        }),
  };
}

/** By status, each a reference to a response that operations share. */
function refusals(operation: Operation, responses: Map<string, Json>): Record<string, Json> {
  const codes = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation)) {
    const status = operation.tag === "classic" && PROBLEMS[code].status === 422 ? 400 : PROBLEMS[code].status;
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  const made: Record<string, Json> = {};
  for (const [status, group] of codes) {
    const name = operation.tag === "classic" ? `classic.${String(status)}` : group.join(".");
    if (!responses.has(name)) {
      responses.set(name, operation.tag === "classic" ? classicRefusal(status, group) : problemResponse(group));
    }
    made[status] = { $ref: `#/components/responses/${name}` };
  }
  return made;
}

const REFUSAL_HEADERS: Readonly<Record<number, Readonly<Record<string, Json>>>> = {
  401: { "WWW-Authenticate": { description: "RFC 6750", schema: { type: "string" } } },
  503: { "Retry-After": { description: "Seconds", schema: { type: "string" } } },
};

function problemResponse(codes: readonly ProblemCode[]): Json {
  const [first] = codes;
  const headers = first === undefined ? undefined : REFUSAL_HEADERS[PROBLEMS[first].status];
  const schema = { allOf: [schemaObject(ProblemJsonSchema), { properties: { code: { enum: codes } } }] };
  const examples = codes.map((code) => [code, { value: problem(code, PROBLEMS[code].meaning) }]);
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].meaning}`).join("\n\n"),
    ...(headers === undefined ? {} : { headers }),
    content: { "application/problem+json": { schema, examples: Object.fromEntries(examples) as Json } },
  };
}

/** What is refused before any route is known has the form of all the others. */
const BEFORE_ROUTES: readonly ProblemCode[] = ["malformed_request", "request_timeout", "headers_too_large"];

function classicRefusal(status: number, codes: readonly ProblemCode[]): Json {
  const [first] = codes;
  const description = first === undefined || codes.length > 1 ? "Refused" : PROBLEMS[first].title;
  if (status === 404) return { description };
  const isOfHttp = codes.some((code) => BEFORE_ROUTES.includes(code));
  return {
    description,
    content: {
      "application/json": { schema: schemaObject(ClassicErrorSchema) },
      ...(isOfHttp ? { "application/problem+json": { schema: schemaObject(ProblemJsonSchema) } } : {}),
    },
  };
}

/** A parameter or a header: its description stands beside its schema. */
function described(schema: TSchema): Readonly<Record<string, Json>> {
  const { description, ...rest } = schemaObject(schema) as Readonly<Record<string, Json>>;
  return { ...(description === undefined ? {} : { description }), schema: rest };
}

/** Those of fields that are optional are copies, and may say more of themselves: what they let through decides. */
const NAMES = new Map(Object.entries(NAMED_SCHEMAS).map(([name, schema]) => [formOf(schema), { name, schema }]));

/** A reference where the schema has a name. */
function schemaObject(schema: unknown): Json {
  const named = NAMES.get(formOf(schema));
  if (named === undefined) return inside(schema);
  const description = descriptionOf(schema);
  const isItsOwn = description !== undefined && description !== descriptionOf(named.schema);
  return { $ref: `#/components/schemas/${named.name}`, ...(isItsOwn ? { description } : {}) };
}

function formOf(schema: unknown): string | undefined {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return undefined;
  return JSON.stringify({ ...schema, description: undefined });
}

function descriptionOf(schema: unknown): string | undefined {
  const { description } = schema as { readonly description?: string };
  return description;
}

function inside(schema: unknown): Json {
  if (Array.isArray(schema)) return schema.map(schemaObject);
  if (typeof schema !== "object" || schema === null) return schema;
  const words = wordsOf(schema);
  if (words !== undefined) return words;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, schemaObject(value)]));
}

/** A choice of words as an enumeration, which reads better. */
function wordsOf(schema: object): object | undefined {
  const { anyOf, ...rest } = schema as { readonly anyOf?: readonly object[] };
  const words = anyOf?.map((member) => ("const" in member ? member.const : undefined));
  if (words?.every((word) => typeof word === "string") !== true) return undefined;
  return { type: "string", enum: words, ...rest };
}
