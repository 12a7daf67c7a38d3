/**
 * Constraints: which nodes a task may run on, as a user writes it.
 *
 *     label.disk == ssd            label.zone in (eu-1, "eu 2")      label.gpu exists
 *     node != worker3              node not in (worker1, worker2)    label.spot not exists
 *     runtime == docker            memory >= 16 GiB                  cpu > 4
 *
 * The subject is a label, the node's name, a runtime that it offers, or its capacity (`cpu` in cores, `memory` and
 * `disk` in bytes or with a unit). A node that lacks a label satisfies `!=` and `not in`, and nothing else but
 * `not exists`. Values with spaces, commas, quotes, brackets or operators in them are quoted, `"` and `\` escaped by `\`.
 *
 * A text is parsed once, when the task is accepted, and refused with the position of the error when it is malformed.
 */
import { parseSize } from "../utils/sizes.ts";
import { malformed, tokenize, type Malformed, type Token } from "./constraint-tokens.ts";
import { RuntimeSchema, type RuntimeKind } from "./document.ts";
import type { Resources } from "./spec.ts";

export type Subject =
  | { readonly kind: "label"; readonly key: string }
  | { readonly kind: "node" }
  | { readonly kind: "runtime" }
  | { readonly kind: "capacity"; readonly resource: keyof Resources };

/** `==` and `!=` are `in` and `not in` with one value. */
export type Test =
  | { readonly operator: "in" | "not in"; readonly values: readonly (string | number)[] }
  | { readonly operator: "exists" | "not exists" }
  | { readonly operator: ">" | "<" | ">=" | "<="; readonly bound: number };

export interface Constraint {
  readonly kind: "constraint";
  /** As the user wrote it. */
  readonly text: string;
  readonly subject: Subject;
  readonly test: Test;
}

/** Keeps a task away from nodes that run certain others: those of a name, or with a label. */
export type AntiAffinity =
  | { readonly kind: "taskName"; readonly text: string; readonly name: string }
  | { readonly kind: "taskLabel"; readonly text: string; readonly key: string; readonly value: string };

/** What a constraint asks about. */
export interface ConstrainedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  readonly capacity: Resources;
}

const RUNTIMES: readonly string[] = RuntimeSchema.anyOf.map((runtime) => runtime.const);
const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,126}[A-Za-z0-9])?$/;
const NUMBER = /^\d+(\.\d+)?$/;
const LABEL_PREFIX = "label.";

/** A value and where it stands; quoted text is taken as it is. */
interface Value {
  readonly text: string;
  readonly position: number;
}

export function parseConstraint(text: string): Constraint | Malformed {
  const tokens = tokenize(text);
  if (!Array.isArray(tokens)) return tokens;
  return new Parser(text, tokens).constraint();
}

/**
 * `web` or `label.tier == web`. What begins with `label.` is always the second form, so that a slip in it is refused
 * rather than taken for a name.
 */
export function parseAntiAffinity(text: string): AntiAffinity | Malformed {
  if (!text.startsWith(LABEL_PREFIX)) return { kind: "taskName", text, name: text };
  const parsed = parseConstraint(text);
  if (parsed.kind === "malformed") return parsed;
  const { subject, test } = parsed;
  const value = test.operator === "in" && test.values.length === 1 ? test.values[0] : undefined;
  if (subject.kind !== "label" || value === undefined) {
    return malformed(text, 1, "expected a task's name or label.key == value");
  }
  return { kind: "taskLabel", text, key: subject.key, value: String(value) };
}

export function satisfies(node: ConstrainedNode, { subject, test }: Constraint): boolean {
  switch (subject.kind) {
    case "label":
      return holds(test, labelOf(node, subject.key));
    case "node":
      return holds(test, node.name);
    case "runtime":
      return test.operator === "in"
        ? node.runtimes.some((runtime) => holds(test, runtime))
        : node.runtimes.every((runtime) => holds(test, runtime));
    case "capacity":
      return holds(test, node.capacity[subject.resource]);
  }
}

/** The node's label, undefined when it has none of this key. */
export function labelOf(node: ConstrainedNode, key: string): string | undefined {
  return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
}

function holds(test: Test, actual: string | number | undefined): boolean {
  switch (test.operator) {
    case "in":
      return actual !== undefined && test.values.includes(actual);
    case "not in":
      return actual === undefined || !test.values.includes(actual);
    case "exists":
      return actual !== undefined;
    case "not exists":
      return actual === undefined;
    case ">":
      return typeof actual === "number" && actual > test.bound;
    case "<":
      return typeof actual === "number" && actual < test.bound;
    case ">=":
      return typeof actual === "number" && actual >= test.bound;
    case "<=":
      return typeof actual === "number" && actual <= test.bound;
  }
}

/** One pass over the tokens, from left to right; each method takes what it reads or says what is wrong there. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  constraint(): Constraint | Malformed {
    const subject = this.#subject();
    if (subject.kind === "malformed") return subject;
    const test = this.#test(subject);
    if ("kind" in test) return test;
    const end = this.#next();
    if (end.kind !== "end") return this.#refuse(end, `unexpected ${shown(end)}; a value with spaces is quoted`);
    return { kind: "constraint", text: this.#text.trim(), subject, test };
  }

  #subject(): Subject | Malformed {
    const token = this.#next();
    if (token.kind === "word") {
      const { text } = token;
      if (text === "node" || text === "runtime") return { kind: text };
      if (text === "cpu" || text === "memory" || text === "disk") return { kind: "capacity", resource: text };
      if (text.startsWith(LABEL_PREFIX)) {
        const key = text.slice(LABEL_PREFIX.length);
        if (LABEL_KEY.test(key)) return { kind: "label", key };
        const found = key === "" ? "nothing" : `"${key}"`;
        return malformed(this.#text, token.position + LABEL_PREFIX.length, `expected a label's key, found ${found}`);
      }
    }
    return this.#refuse(token, `expected label.KEY, node, runtime, cpu, memory or disk, found ${shown(token)}`);
  }

  #test(subject: Subject): Test | Malformed {
    const token = this.#next();
    const operator = this.#operator(token);
    switch (operator) {
      case "exists":
      case "not exists":
        return subject.kind === "label" ? { operator } : this.#refuse(token, `"${operator}" is for labels alone`);
      case "==":
      case "!=": {
        const value = this.#value(subject);
        if (isMalformed(value)) return value;
        return { operator: operator === "==" ? "in" : "not in", values: [value] };
      }
      case "in":
      case "not in": {
        const values = this.#list(subject);
        return isMalformed(values) ? values : { operator, values };
      }
      case ">":
      case "<":
      case ">=":
      case "<=": {
        if (subject.kind !== "capacity") return this.#refuse(token, `"${operator}" is for cpu, memory and disk alone`);
        const bound = this.#value(subject);
        if (isMalformed(bound)) return bound;
        return { operator, bound: Number(bound) };
      }
      case undefined: {
        const expected = "expected ==, !=, >, <, >=, <=, in, not in, exists or not exists";
        return this.#refuse(token, `${expected}, found ${shown(token)}`);
      }
    }
  }

  #operator(
    token: Token,
  ): "exists" | "not exists" | "in" | "not in" | "==" | "!=" | ">" | "<" | ">=" | "<=" | undefined {
    if (token.kind === "quoted") return undefined;
    switch (token.text) {
      case "exists":
      case "in":
      case "==":
      case "!=":
      case ">":
      case "<":
      case ">=":
      case "<=":
        return token.text;
      case "not": {
        const second = this.#peek();
        if (second.kind !== "word" || (second.text !== "in" && second.text !== "exists")) return undefined;
        this.#next();
        return `not ${second.text}`;
      }
      default:
        return undefined;
    }
  }

  /** `(a, b)`, at least one value. */
  #list(subject: Subject): (string | number)[] | Malformed {
    const open = this.#next();
    if (!isSymbol(open, "(")) return this.#refuse(open, `expected (, found ${shown(open)}`);
    const values: (string | number)[] = [];
    for (;;) {
      const value = this.#value(subject);
      if (isMalformed(value)) return value;
      values.push(value);
      const separator = this.#next();
      if (isSymbol(separator, ")")) return values;
      if (!isSymbol(separator, ",")) return this.#refuse(separator, `expected , or ), found ${shown(separator)}`);
    }
  }

  #value(subject: Subject): string | number | Malformed {
    const token = this.#next();
    if (token.kind !== "word" && token.kind !== "quoted") {
      return this.#refuse(token, `expected a value, found ${shown(token)}`);
    }
    switch (subject.kind) {
      case "label":
      case "node":
        return token.text;
      case "runtime":
        if (RUNTIMES.includes(token.text)) return token.text;
        return this.#refuse(token, `no runtime ${shown(token)}; there are ${RUNTIMES.join(", ")}`);
      case "capacity":
        return subject.resource === "cpu" ? this.#cores(token) : this.#bytes(token);
    }
  }

  #cores(value: Value): number | Malformed {
    return NUMBER.test(value.text) ? Number(value.text) : this.#refuse(value, `"${value.text}" is no number of cores`);
  }

  /** A size whose unit may stand apart: `16 GiB`. */
  #bytes(value: Value): number | Malformed {
    const unit = NUMBER.test(value.text) && this.#peek().kind === "word" ? this.#next().text : "";
    const size = parseSize(value.text + unit);
    return size ?? this.#refuse(value, `"${value.text}${unit === "" ? "" : ` ${unit}`}" is no size such as 16GiB`);
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] ?? { kind: "end", text: "", position: 1 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #refuse({ position }: Value, problem: string): Malformed {
    return malformed(this.#text, position, problem);
  }
}

function isMalformed(value: unknown): value is Malformed {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "malformed";
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === "symbol" && token.text === text;
}

function shown(token: Token): string {
  return token.kind === "end" ? "nothing more" : `"${token.text}"`;
}
