import type { Command } from "commander";
import type { TaskJson } from "../../api/task-json.ts";
import type { Birdman } from "../../client/client.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { settleAll } from "../concurrently.ts";
import { describeEnd } from "../describe-end.ts";
import { CommandError, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addConnectionOptions, addDisplayOptions, option, type ClientOptions } from "../options.ts";
import { submitOnce } from "../submit.ts";
import { readTaskFile } from "../task-file.ts";
import { addTaskFlags, documentOf, type TaskFlags } from "../task-flags.ts";
import { printDocument } from "../terminal/print.ts";
import { parseMilliseconds } from "../values.ts";
import { isUpOrEnded, waitForTasks } from "../wait.ts";

interface RunOptions extends ClientOptions, TaskFlags {
  readonly file?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** `afterDashes`: how many of the words stand after `--`. */
export function configure(command: Command, context: Context, afterDashes: number): void {
  command
    .usage("[options] [IMAGE] [-- COMMAND...]")
    .argument("[words...]", "the image, and after -- the command to run in place of the image's own")
    .addOption(option("-f, --file <file>", "one task, a list of tasks or an event, JSON or YAML; - is standard input"))
    .addOption(option("--wait", "return when it is healthy, or runs where nothing checks that, or has completed"))
    .addOption(option("--timeout <duration>", "with --wait: give up waiting after so long", parseMilliseconds));
  const taskFlags = addTaskFlags(command, context.env).map((flag) => flag.attributeName());
  addDisplayOptions(addConnectionOptions(command))
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
      const json = await submission(command, { words, options, taskFlags, afterDashes, context });
      const client = connect(options);
      const answer = await submitOnce(client, json);
      const tasks = "id" in answer ? [answer] : answer;
      if (options.output === "table") context.stdout.write(tasks.map(({ id }) => `${id}\n`).join(""));
      else await printDocument(context, options.output, answer);
      if (options.wait === true) await waitUntilUp(client, { tasks, options, context });
    });
}

interface Wanted {
  readonly words: readonly string[];
  readonly options: RunOptions;
  /** Names of the options that describe a task. */
  readonly taskFlags: readonly string[];
  readonly afterDashes: number;
  readonly context: Context;
}

/** The JSON to send: what the file holds, or what the flags describe. */
async function submission(
  command: Command,
  { words, options, taskFlags, afterDashes, context }: Wanted,
): Promise<string> {
  const { file } = options;
  if (file === undefined) {
    const { image, program } = split(words, afterDashes);
    return JSON.stringify(documentOf(image, program, options));
  }
  const extra = taskFlags.find((name) => command.getOptionValueSource(name) === "cli");
  if (extra !== undefined || words.length > 0) {
    const what = extra === undefined ? "an image or a command" : `--${extra}`;
    throw new UsageError(`${what} and -f together: the file says everything about its tasks`);
  }
  return readTaskFile(file, context);
}

function split(
  words: readonly string[],
  afterDashes: number,
): { image: string | undefined; program: readonly string[] } {
  const [image, excess] = words.slice(0, words.length - afterDashes);
  if (excess !== undefined) {
    throw new UsageError(`unexpected argument '${excess}': the command to run comes after --`);
  }
  return { image, program: words.slice(words.length - afterDashes) };
}

interface Waiting {
  readonly tasks: readonly TaskJson[];
  readonly options: RunOptions;
  readonly context: Context;
}

async function waitUntilUp(client: Birdman, { tasks, options, context }: Waiting): Promise<void> {
  const settled = await waitForTasks(client, context, {
    ids: tasks.map(({ id }) => id),
    isSettled: isUpOrEnded,
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  });
  const failed = settled.filter(({ state }) => state === "failed");
  if (failed.length === 0) return;
  const causes = await settleAll(failed, async (task) => describeEnd(client, task));
  throw new CommandError(
    causes.map((cause) => (cause.status === "fulfilled" ? cause.value : String(cause.reason))).join("\n"),
  );
}
