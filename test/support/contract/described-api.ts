/** The API as its description (OpenAPI 3.1) has it: what there is to ask, and whether an answer is one that it may give. */
import { Compile } from "typebox/schema";
import { PROBLEMS } from "../../../src/api/problems.ts";

/** As much of JSON Schema as the description uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: Schema;
}

interface MediaType {
  readonly schema: Schema;
  readonly "x-item-schema"?: Schema;
}

interface Body {
  readonly content: Readonly<
    Record<
      string,
      { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }
    >
  >;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

export interface DescribedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly examples: readonly unknown[];
  readonly statuses: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

type Check = (value: unknown) => string | undefined;

export class DescribedApi {
  readonly operations: readonly DescribedOperation[];
  readonly #document: Document;
  readonly #checks = new Map<string, Check>();

  constructor(document: Document) {
    this.#document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => described(path, method.toUpperCase(), operation)),
    );
  }

  /** The schema that a reference stands for, or the schema itself. */
  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const [, ...steps] = schema.$ref.split("/");
    const target = steps.reduce((at: unknown, step) => (at as Record<string, unknown>)[step], this.#document);
    return this.resolve(target as Schema);
  }

  /** In which way the answer is none that the description knows; undefined when it is one. */
  contradiction({ method, path }: Pick<DescribedOperation, "method" | "path">, answer: Answer): string | undefined {
    const operation = this.#document.paths[path]?.[method.toLowerCase()];
    const response = operation?.responses[answer.status];
    if (response === undefined) return `the status ${String(answer.status)} is not described`;
    const { content } = (response.$ref === undefined ? response : this.resolve(response)) as Response;
    if (content === undefined) return answer.text === "" ? undefined : "there is a body where none is described";
    const [type = ""] = (answer.contentType ?? "").split(";", 1);
    const media = content[type];
    if (media === undefined) return `the content type ${type} is not described`;
    if (type === "text/event-stream") return this.#streamContradiction(media, answer.text);
    return type.endsWith("json") ? this.#jsonContradiction(media.schema, answer) : undefined;
  }

  #jsonContradiction(schema: Schema, { text, status, contentType = "" }: Answer): string | undefined {
    const value = parse(text);
    if (value === undefined) return `the body is not JSON: ${text.slice(0, 100)}`;
    const wrong = this.#check(schema)(value);
    if (wrong !== undefined) return wrong;
    return contentType.startsWith("application/problem+json") ? problemContradiction(value, status) : undefined;
  }

  /** Frames that are whole: a stream may be cut off anywhere. */
  #streamContradiction({ "x-item-schema": schema }: MediaType, text: string): string | undefined {
    if (schema === undefined) return "nothing is said of what is in the stream";
    for (const frame of text.split("\n\n").slice(0, -1)) {
      const lines = frame.split("\n");
      if (lines.some((line) => !/^(id: \d+|event: \w+|data: .*|: .*)$/.test(line))) return `no event: ${frame}`;
      const data = lines.find((line) => line.startsWith("data: "))?.slice("data: ".length);
      if (data === undefined || lines.includes("event: reset")) continue;
      const wrong = this.#check(schema)(parse(data));
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #check(schema: Schema): Check {
    const key = JSON.stringify(schema);
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const { components } = this.#document;
    const validator = Compile(closed({ ...schema, components }) as object);
    const check: Check = (value) => {
      if (validator.Check(value)) return undefined;
      const [, errors] = validator.Errors(value);
      return `not as described: ${JSON.stringify(errors.slice(0, 3))} in ${JSON.stringify(value).slice(0, 2000)}`;
    };
    this.#checks.set(key, check);
    return check;
  }
}

function described(path: string, method: string, operation: OperationObject): DescribedOperation {
  const { schema, examples = {} } = operation.requestBody?.content["application/json"] ?? {};
  return {
    id: operation.operationId,
    method,
    path,
    parameters: operation.parameters,
    body: schema,
    examples: Object.values(examples).map(({ value }) => value),
    statuses: Object.keys(operation.responses).map(Number),
  };
}

/** A description lets answers have more fields than it knows; this server's have not. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const isOpen = "type" in schema && "properties" in schema && !("additionalProperties" in schema);
  return Object.fromEntries([...entries, ...(isOpen ? [["additionalProperties", false]] : [])]);
}

/** A problem says of itself what the table says of its code. */
function problemContradiction(value: unknown, status: number): string | undefined {
  const problem = value as { readonly code: keyof typeof PROBLEMS; readonly status: number; readonly title: string };
  const kind = PROBLEMS[problem.code];
  const isRight = kind.status === status && problem.status === status && problem.title === kind.title;
  return isRight ? undefined : `not the problem of the table: ${JSON.stringify(value)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
