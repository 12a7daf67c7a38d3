/** A violation told so that it can be understood without looking anywhere else. */
import type { Journal } from "./journal.ts";
import type { ManagerApi } from "./manager-api.ts";
import { describeContainer, type Reality } from "./reality.ts";
import type { User } from "./user.ts";

export interface Evidence {
  /** Id, where it is about a task. */
  readonly task: string | undefined;
  readonly reality: Reality | undefined;
  readonly api: ManagerApi;
  readonly user: User;
  readonly journal: Journal;
}

/** What is wrong, with the task's state, its history, its containers and what its runs wrote. */
export async function account(what: string, { task: id, reality, api, user, journal }: Evidence): Promise<string> {
  if (id === undefined) return what;
  const now = reality?.tasks.find((each) => each.id === id);
  const planned = user.accepted.get(id)?.planned;
  const name = now?.name ?? planned?.name ?? "";
  const containers = (reality?.containers ?? []).filter(({ task }) => task === id).map(describeContainer);
  const history = (await api.events(id)).map(({ at, attempt, node, from, to, reason }) => {
    const move = to === null || to === from ? "" : `${from ?? ""} → ${to}, `;
    return `${at} attempt ${String(attempt)} on ${String(node)}: ${move}${reason}`;
  });
  const state =
    now === undefined
      ? ["unknown to the manager"]
      : [`${now.state}, wanted: ${now.desired}, attempt ${String(now.attempt)} on ${String(now.node)}: ${now.reason}`];
  return [
    `${name} (${id}): ${what}`,
    ...section("it is", state),
    ...section("by its policies", [
      JSON.stringify({ restart: planned?.document.restart, reschedule: planned?.document.reschedule }),
    ]),
    ...section("its history", history),
    ...section("containers found", containers),
    ...section(
      "its runs wrote (what, attempt, container, seconds since the machine started)",
      journal.read(name).text.trim().split("\n"),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return [`  ${title}:`, ...(lines.length === 0 ? ["none"] : lines).map((line) => `    ${line}`)];
}
