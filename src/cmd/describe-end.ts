import type { TaskJson } from "../api/task-json.ts";
import type { Birdman } from "../client/client.ts";
import { ClientError } from "../client/client-error.ts";

/** Lines of output shown of a task that failed. */
const LAST_LINES = 20;

/** Why a task failed, for whoever waited for it: cause, exit code, and the last it wrote. */
export async function describeEnd(client: Birdman, { id, name, reason, exitCode, node }: TaskJson): Promise<string> {
  const where = node === null ? "" : ` on ${node}`;
  const code = exitCode === null ? "" : ` (exit code ${String(exitCode)})`;
  const output = await lastOutput(client, id);
  const heading = `${name} failed${where}${code}: ${reason}\n  'birdman status ${id}' says more`;
  return output === "" ? heading : `${heading}; its last output:\n${output.replace(/^/gm, "    ")}`;
}

/** Empty where there is none to be had; the failure that is being told matters more than why not. */
async function lastOutput(client: Birdman, id: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of client.logs(id, { tail: LAST_LINES })) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
  return text.trimEnd();
}
