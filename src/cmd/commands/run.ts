import type { Command } from "commander";
import type { TaskJson } from "../../api/task-json.ts";
import type { Birdman } from "../../client/client.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { settleAll } from "../concurrently.ts";
import { describeEnd } from "../describe-end.ts";
import { CommandError } from "../errors.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { submitOnce } from "../submit.ts";
import { addTaskFlags } from "../task-flags.ts";
import { fileOption, tasksAsJson, type TaskSource } from "../task-source.ts";
import { printDocument } from "../terminal/print.ts";
import { parseMilliseconds } from "../values.ts";
import { isSteadyOrEnded, waitForTasks } from "../wait.ts";

interface RunOptions extends ClientOptions, TaskSource {
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** `afterDashes`: how many of the words stand after `--`. */
export function configure(command: Command, context: Context, afterDashes: number): void {
  command
    .usage("[options] [IMAGE] [-- COMMAND...]")
    .argument("[words...]", "the image, and after -- the command to run in place of the image's own")
    .addOption(fileOption())
    .addOption(option("--wait", "return when it is healthy, or runs where nothing checks that, or has completed"))
    .addOption(option("--timeout <duration>", "with --wait: give up waiting after so long", parseMilliseconds));
  const taskFlags = addTaskFlags(command, context.env).map((flag) => flag.attributeName());
  addClientOptions(command)
    .addHelpText(
      "after",
      examples([
        ["birdman run --name web -p 8080:80 --health / nginx", "one task from an image; its id is printed"],
        ["birdman run --memory 256MiB alpine -- sh -c 'date; sleep 60'", "with a command of its own"],
        ["birdman run --runtime process -- sleep 60", "a plain process, where a worker allows it"],
        ["birdman run -f examples/add_task.json --wait", "the task of a file, until it is healthy"],
        ["generate-tasks | birdman run -f -", "many at once, all or none"],
      ]),
    )
    .action(async (words: readonly string[], options: RunOptions) => {
      const json = await tasksAsJson(command, { words, options, taskFlags, afterDashes, context });
      const client = connect(options);
      const answer = await submitOnce(client, json);
      const tasks = "id" in answer ? [answer] : answer;
      if (options.output === "table") context.stdout.write(tasks.map(({ id }) => `${id}\n`).join(""));
      else await printDocument(context, options.output, answer);
      if (options.wait === true) await waitUntilUp(client, { tasks, options, context });
    });
}

interface Waiting {
  readonly tasks: readonly TaskJson[];
  readonly options: RunOptions;
  readonly context: Context;
}

async function waitUntilUp(client: Birdman, { tasks, options, context }: Waiting): Promise<void> {
  const settled = await waitForTasks(client, context, {
    ids: tasks.map(({ id }) => id),
    isSettled: isSteadyOrEnded(context.now),
    color: options.color,
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  });
  const failed = settled.filter(({ state }) => state === "failed");
  if (failed.length === 0) return;
  const causes = await settleAll(failed, async (task) => describeEnd(client, task));
  throw new CommandError(
    causes.map((cause) => (cause.status === "fulfilled" ? cause.value : String(cause.reason))).join("\n"),
  );
}
