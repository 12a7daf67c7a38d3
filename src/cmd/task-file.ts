/** What `birdman run -f` reads: a task, a list of tasks or an event, in JSON or YAML. */
import { readFile } from "node:fs/promises";
import type { Context } from "./context.ts";
import { UsageError, messageOf } from "./errors.ts";
import { parseStructured } from "./structured.ts";

const STDIN = "-";

/** The file as the JSON that is sent. Several documents of a YAML file make one list. Throws a UsageError. */
export async function readTaskFile(file: string, context: Context): Promise<string> {
  const origin = file === STDIN ? "standard input" : file;
  const text = file === STDIN ? await readAll(context.stdin) : await read(file);
  if (text.trim() === "") throw new UsageError(`${origin} is empty; it must hold a task, a list of tasks or an event`);
  const [first, ...more] = await parseStructured(text, origin);
  return JSON.stringify(more.length === 0 ? first : [first, ...more].flat());
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the file given with -f: ${messageOf(error)}`);
  }
}

/** Everything there is to read, as text. */
export async function readAll(input: Context["stdin"]): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of input) text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
