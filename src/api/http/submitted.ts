import type { FastifyReply, FastifyRequest } from "fastify";
import type { Task } from "../../task/task.ts";
import { sendArray } from "./json-array.ts";

export interface Submitted<View> {
  readonly tasks: readonly View[];
  /** The body was a list, and so is the answer. */
  readonly isList: boolean;
}

interface HasTask {
  readonly task: Task;
}

/** 201: the task with its `Location`, or the list; with `Prefer: return=minimal` (RFC 7240) ids alone. */
export function sendSubmitted<View extends HasTask>(
  request: FastifyRequest,
  reply: FastifyReply,
  { tasks, isList, toJson }: Submitted<View> & { readonly toJson: (view: View) => unknown },
): FastifyReply {
  const isMinimal = wantsMinimal(request);
  const shown = isMinimal ? ({ task }: View) => task.id : toJson;
  reply.code(201);
  if (isMinimal) reply.header("preference-applied", "return=minimal");
  const [first] = tasks;
  if (isList || first === undefined) return sendArray(reply, tasks, shown);
  reply.header("location", `/tasks/${first.task.id}`).type("application/json; charset=utf-8");
  return reply.send(JSON.stringify(shown(first)));
}

function wantsMinimal({ headers: { prefer = "" } }: FastifyRequest): boolean {
  const preferences = [prefer].flat().join();
  return /(?:^|[,;\s])return\s*=\s*"?minimal"?\s*(?:$|[,;])/i.test(preferences);
}
