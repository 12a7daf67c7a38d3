import type { Context } from "../context.ts";
import { printable, printableJson } from "./text.ts";
import { write } from "./write.ts";

export const OUTPUT_FORMATS = ["table", "json", "yaml"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Prints what the API answered, as it came: on one line in a pipe, indented on a terminal. */
export async function printDocument(context: Context, format: "json" | "yaml", value: unknown): Promise<void> {
  context.stdout.write(format === "json" ? json(context, value) : await yaml(value));
}

/** Prints one of many answers, as they come: a line of JSON each, or a document of YAML. */
export async function printLine(context: Context, format: "json" | "yaml", value: unknown): Promise<void> {
  const text = format === "json" ? `${printableJson(JSON.stringify(value))}\n` : `---\n${await yaml(value)}`;
  await write(context.stdout, text);
}

function json(context: Context, value: unknown): string {
  return `${printableJson(JSON.stringify(value, undefined, context.stdout.isTTY === true ? 2 : 0))}\n`;
}

/** Loaded on demand: the library takes longer to load than a command to run. */
async function yaml(value: unknown): Promise<string> {
  const { Document, visit } = await import("yaml");
  const document = new Document(value);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && node.value !== printable(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return printableJson(document.toString({ lineWidth: 0 }));
}
