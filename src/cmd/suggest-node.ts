import type { Birdman } from "../client/client.ts";
import { ClientError } from "../client/client-error.ts";
import { CommandError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";

/** Asks about nodes; where there is none of one of these names, says which there are. */
export async function orSuggestNode<Answer>(
  client: Birdman,
  asked: readonly string[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "node_not_found") throw error;
    const names = (await client.nodes()).map((node) => node.name);
    const unknown = asked.find((name) => !names.includes(name)) ?? asked[0] ?? "";
    const there = names.length === 0 ? "there are none yet" : `there are ${names.slice(0, 20).join(", ")}`;
    throw new CommandError(`there is no node '${unknown}'${didYouMean(unknown, names)}; ${there}`);
  }
}
