/** A task's id: a UUID in lower case, chosen by the user or made (version 7) when the task is accepted. */
export type TaskId = string & { readonly brand: "TaskId" };

/** What a UUID looks like, for JSON schemas. */
export const UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

const UUID = new RegExp(UUID_PATTERN);

/** The id in its canonical form, or undefined when the text is no UUID. */
export function parseTaskId(text: string): TaskId | undefined {
  return UUID.test(text) ? (text.toLowerCase() as TaskId) : undefined;
}

/** One placement of a task, as a key: `0193…/2`. */
export type AttemptKey = string & { readonly brand: "AttemptKey" };

export function attemptKey(task: TaskId, attempt: number): AttemptKey {
  return `${task}/${String(attempt)}` as AttemptKey;
}

/** The other way round; of a text that is no such key, an id or an attempt that nothing has. */
export function parseAttemptKey(key: string): { readonly id: TaskId; readonly attempt: number } {
  const slash = key.lastIndexOf("/");
  return { id: key.slice(0, slash) as TaskId, attempt: Number(key.slice(slash + 1)) };
}
