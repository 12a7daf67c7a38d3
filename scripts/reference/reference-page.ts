import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { commandGroups } from "./command-pages.ts";
import { markdownOf } from "./markdown.ts";

/** Where the reference of the commands stands, and what it has to say. */
export async function referencePage(): Promise<{ file: string; text: string }> {
  const file = join(import.meta.dirname, "../../docs/commands.md");
  const text = await format(markdownOf(await commandGroups()), { ...(await resolveConfig(file)), filepath: file });
  return { file, text };
}
