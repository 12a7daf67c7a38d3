/** Whether the JSON and YAML that a page shows is what it is shown as: a task, unless its note names another form. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { NAMED_SCHEMAS } from "../../src/api/named-schemas.ts";
import { readPlanRequest } from "../../src/api/plan-json.ts";
import { schemaErrors } from "../../src/api/schema-errors.ts";
import { readSubmission } from "../../src/api/submission.ts";
import { parseWorkload } from "../../src/cmd/simulate/workload-file.ts";
import { parseStructured } from "../../src/cmd/structured.ts";
import { parseConstraint } from "../../src/task/constraint.ts";
import { whatIsWrongWith } from "./command-lines.ts";
import { type Block, readPage } from "./markdown.ts";
import { noteOf } from "./notes.ts";

export const PROMETHEUS_SETTINGS = "settings of Prometheus";

const SETTINGS = /^settings of (birdman .+)$/;

/** What is wrong with a list of constraints, those in a line with at least two blanks between. */
export function whatIsWrongWithConstraints({ lines }: Block): string | undefined {
  const constraints = lines.flatMap((line) => line.split(/ {2,}/));
  const wrong = constraints.find((text) => parseConstraint(text).kind === "malformed");
  return wrong === undefined ? undefined : `"${wrong}" is no constraint`;
}

/** What is wrong with a block of JSON or YAML; undefined where nothing is. Rejects where it cannot even be read. */
export async function whatIsWrongInside(block: Block): Promise<string | undefined> {
  const text = `${block.lines.join("\n")}\n`;
  const [value, ...more] = await parseStructured(text, "it");
  const { form, "not run": reason } = noteOf(block);
  if (reason !== undefined) return undefined;
  if (form !== undefined) return refusalAs(form, { text, value });
  return refusalOf(readSubmission(more.length === 0 ? value : [value, ...more].flat()));
}

async function refusalAs(form: string, { text, value }: { text: string; value: unknown }): Promise<string | undefined> {
  const [, command] = SETTINGS.exec(form) ?? [];
  if (command !== undefined) return refusalOfSettings(text, command.split(" "));
  // `promtool` reads it, when the pages are played.
  if (form === PROMETHEUS_SETTINGS) return undefined;
  if (form === "Compose file") return refusalOfCompose(value);
  if (form === "body of POST /plans") return refusalOf(readPlanRequest(value));
  if (form === "line of a workload") {
    parseWorkload(JSON.stringify([value]), "it");
    return undefined;
  }
  if (!Object.hasOwn(NAMED_SCHEMAS, form)) return `there is no form "${form}"`;
  const schema = NAMED_SCHEMAS[form as keyof typeof NAMED_SCHEMAS];
  return Compile(schema).Check(value) ? undefined : JSON.stringify(schemaErrors(schema, value));
}

async function refusalOf(
  reading: Promise<{ readonly kind: string; readonly problem?: { readonly detail: string } }>,
): Promise<string | undefined> {
  return (await reading).problem?.detail;
}

async function refusalOfSettings(text: string, command: readonly string[]): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "birdman-settings-"));
  try {
    const file = join(directory, "settings.yaml");
    writeFileSync(file, text);
    return await whatIsWrongWith([...command, "--config", file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Every key of its services stands in the table of the page about Compose. */
function refusalOfCompose(value: unknown): string | undefined {
  const { services } = value as { readonly services: Readonly<Record<string, object>> };
  const page = readPage("docs/from-compose.md");
  const keys = Object.values(services).flatMap((service) => Object.keys(service));
  const missing = keys.filter((key) => !page.includes(`\`${key}\``) && !page.includes(`\`${key}.`));
  return missing.length === 0 ? undefined : `no row of the table is about ${missing.join(", ")}`;
}
