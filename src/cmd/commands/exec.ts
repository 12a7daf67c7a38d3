import type { Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { EndedWith, UsageError } from "../errors.ts";
import { converse } from "../exec-session.ts";
import { examples } from "../help.ts";
import { addManagerOptions, ListOption, option, type ConnectionOptions } from "../options.ts";
import { resolveTask } from "../resolve-task.ts";
import { parseVariable } from "../task-flags.ts";
import type { Pair } from "../values.ts";

interface ExecOptions extends ConnectionOptions {
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
  readonly workdir?: string;
  readonly env?: readonly Pair[];
}

/** Size of a terminal that does not say. */
const USUAL = { columns: 80, rows: 24 };

export function configure(command: Command, context: Context): void {
  command
    .usage("[options] TASK -- COMMAND...")
    .argument("<task>", "id, unique beginning of one, or name of a live task")
    .argument("<command...>", "what to run inside it")
    .addOption(option("-i, --interactive", "pass on what is typed, or comes through a pipe"))
    .addOption(option("-t, --tty", "with a terminal of its own: for shells and editors, together with -i"))
    .addOption(option("-u, --user <user>", "as this user of the container"))
    .addOption(option("-w, --workdir <directory>", "in this directory"))
    .addOption(
      new ListOption(
        "-e, --env <key=value>",
        "an environment variable; KEY alone takes the value it has here",
        (text) => parseVariable(text, context.env),
      ),
    )
    .addHelpText(
      "after",
      examples([
        ["birdman exec web -- ls /srv", "a command; its exit status is that of this one"],
        ["birdman exec -it web -- sh", "a shell; it ends with exit or Ctrl-D"],
        ["tar -c site | birdman exec -i web -- tar -x -C /srv", "with input from a pipe"],
      ]),
    )
    .addHelpText(
      "after",
      "\nThe manager needs a token with the scope exec, where it asks for tokens. Exit status: that of the command; 1, 2 and 3 also as with every command of birdman's.",
    )
    .action(async (word: string, words: readonly string[], options: ExecOptions) => {
      const { interactive = false, tty = false, user, workdir, env } = options;
      const { stdin, stdout } = context;
      if (tty && interactive && stdin.isTTY !== true) {
        throw new UsageError("-t needs a terminal, and what comes in here is none: leave -t out");
      }
      const client = connect(options);
      const id = await resolveTask(client, word, context.now());
      const { columns = USUAL.columns, rows = USUAL.rows } = stdout;
      const session = await client.exec(id, {
        command: [...words],
        stdin: interactive,
        ...(tty ? { terminal: { columns, rows } } : {}),
        ...(user === undefined ? {} : { user }),
        ...(workdir === undefined ? {} : { workingDir: workdir }),
        ...(env === undefined ? {} : { env: Object.fromEntries(env) }),
      });
      const status = await converse(session, context, { hasInput: interactive, hasTerminal: tty });
      if (status !== 0) throw new EndedWith(status);
    });
  addManagerOptions(command);
}
