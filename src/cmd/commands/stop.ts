import type { Command } from "commander";
import type { TaskJson } from "../../api/task-json.ts";
import type { Birdman } from "../../client/client.ts";
import { settleAll } from "../concurrently.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";
import { explainFailure } from "../failure.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { printDocument } from "../terminal/print.ts";
import { hasEnded, waitForTasks } from "../wait.ts";

interface StopOptions extends ClientOptions {
  readonly wait?: boolean;
}

export function configure(command: Command, context: Context): void {
  command
    .argument("<task...>", "ids, unique beginnings of them, or names of live tasks")
    .addOption(option("--wait", "return when they have stopped"))
    .addHelpText(
      "after",
      examples([
        ["birdman stop echo", "ask for the task to stop; its id is printed"],
        ["birdman stop --wait 0193aa 0193ab", "stop two and wait until they have"],
        ["birdman status -o json | jq -r '.[].id' | xargs birdman stop", "stop everything"],
      ]),
    )
    .action(async (words: readonly string[], options: StopOptions) => {
      const client = connect(options);
      const outcomes = await settleAll(words, async (word) => {
        const id = await resolveTask(client, word, context.now());
        await client.stop(id);
        return id;
      });
      const stopped = outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
      const failures = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }): unknown => reason);
      if (options.wait === true) {
        await waitForTasks(client, context, { ids: stopped, isSettled: hasEnded, color: options.color });
      }
      if (options.output === "table") context.stdout.write(stopped.map((id) => `${id}\n`).join(""));
      else await printDocument(context, options.output, await tasksOf(client, stopped));
      if (failures.length > 0) throw combine(failures);
    });
  addClientOptions(command);
}

/** The tasks as they are now: the request itself is answered with nothing. */
async function tasksOf(client: Birdman, ids: readonly string[]): Promise<TaskJson[]> {
  const outcomes = await settleAll(ids, async (id) => client.task(id));
  return outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
}

/** One failure as it is; of several that differ, all of them. */
function combine(failures: readonly unknown[]): unknown {
  const messages = new Set(failures.map((failure) => explainFailure(failure).message));
  return messages.size === 1 ? failures[0] : new CommandError([...messages].join("\n"));
}
