import { InvalidArgumentError, type Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { FIRST, SORTS, type Sort } from "../top/top-state.ts";
import { drawTop } from "../top/top-screen.ts";
import { runTop } from "../top/run-top.ts";
import { takeSnapshot } from "../top/snapshot.ts";
import { parseMilliseconds } from "../values.ts";

interface TopOptions extends ClientOptions {
  readonly interval: number;
  readonly sort: Sort;
}

const LEAST_INTERVAL_MS = 100;

export function configure(command: Command, context: Context): void {
  command
    .addOption(option("--interval <duration>", "how often to look", parseInterval).default(2000, "2s"))
    .addOption(option("--sort <by>", "what to begin with").choices(SORTS).default("cpu"))
    .addHelpText(
      "after",
      `${examples([
        ["birdman top", "nodes and tasks as they are, until q"],
        ["birdman top --interval 500ms --sort memory", "more often, the largest first"],
        ["birdman top | head -20", "once, where the output is no terminal"],
      ])}\n\n${KEYS}`,
    )
    .action(async (options: TopOptions) => {
      const client = connect(options);
      const paint = painter(context, context.stdout, options.color);
      const { output, interval, sort } = options;
      const isLive = output === "table" && context.stdout.isTTY === true && context.stdin.isTTY === true;
      if (isLive) return runTop({ client, context, paint, intervalMs: interval, sort });
      const snapshot = await takeSnapshot(client, {});
      if (output !== "table") return printDocument(context, output, snapshot);
      const { lines } = drawTop({ snapshot, state: { ...FIRST, sort }, paint, now: context.now() });
      context.stdout.write(lines.map((line) => `${line}\n`).join(""));
    });
  addClientOptions(command);
}

const KEYS = `Keys:
  q, Ctrl-C      end
  up, down, page up, page down, home, end
                 move
  enter          everything about the task or node; q leads back
  tab            nodes in place of tasks, and back
  s, r           sort by the next: ${SORTS.join(", ")}; reverse
  /              show only rows with this text; esc shows all`;

function parseInterval(text: string): number {
  const ms = parseMilliseconds(text);
  if (ms >= LEAST_INTERVAL_MS) return ms;
  throw new InvalidArgumentError(`It must be ${String(LEAST_INTERVAL_MS)}ms or more.`);
}
