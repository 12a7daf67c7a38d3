/** JSON or YAML that a user wrote. */
import { UsageError, messageOf } from "./errors.ts";

/** The documents of a text, one for JSON and for most YAML. `origin` names the text in errors. Throws a UsageError. */
export async function parseStructured(text: string, origin: string): Promise<unknown[]> {
  let jsonError: unknown;
  try {
    const value: unknown = JSON.parse(text);
    return [value];
  } catch (error) {
    jsonError = error;
  }
  if (origin.endsWith(".json") || /^\s*[{[]/.test(text)) {
    throw new UsageError(`${origin} is not valid JSON: ${messageOf(jsonError)}`);
  }
  // Loaded on demand: the library takes longer to load than a command to run.
  const { parseAllDocuments } = await import("yaml");
  const documents = [...parseAllDocuments(text)];
  const [problem] = documents.flatMap(({ errors }) => errors);
  if (problem !== undefined) throw new UsageError(`${origin} is not valid YAML: ${problem.message.trim()}`);
  return documents.map((document): unknown => document.toJS()).filter((value) => value !== null);
}
