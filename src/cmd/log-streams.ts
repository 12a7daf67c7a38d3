/** The output of tasks, copied to ours: standard output to standard output, standard error to standard error. */
import { ClientError } from "../client/client-error.ts";
import type { Birdman, LogFilter } from "../client/client.ts";
import type { Context, Output } from "./context.ts";
import { CommandError } from "./errors.ts";
import { explainFailure } from "./failure.ts";
import { PrefixedLines } from "./log-lines.ts";
import { shortestDistinct } from "./task-table.ts";
import { isColored, painter, type Style } from "./terminal/paint.ts";
import { isSameFile } from "./terminal/same-file.ts";
import { TerminalFilter } from "./terminal/terminal-filter.ts";
import { displayWidth, printable } from "./terminal/text.ts";
import { write } from "./terminal/write.ts";

export interface NamedTask {
  readonly id: string;
  readonly name: string;
}

export interface LogRequest {
  readonly filter: LogFilter;
  readonly context: Context;
  /** False with --no-color. */
  readonly color: boolean;
}

/** One stream of a task and where it goes. */
interface Channel {
  readonly output: Output;
  readonly filter: LogFilter;
  readonly prefix?: string;
}

/**
 * Where both of ours lead to the same place, the two come as one stream, in the order in which the node has them. Else
 * each is a stream of its own, and what came before what between the two is not known.
 */
function channelsOf({ filter, context }: LogRequest): readonly Channel[] {
  const { stdout, stderr } = context;
  if (isSameFile(stdout, stderr)) return [{ output: stdout, filter }];
  return [
    { output: stdout, filter: { ...filter, stderr: false } },
    { output: stderr, filter: { ...filter, stdout: false } },
  ];
}

/** Rejects with a CommandError after what there is, where that is not all. */
export async function copyLogs(client: Birdman, id: string, request: LogRequest): Promise<void> {
  await copyChannels(client, channelsOf(request), { id, request });
}

async function copyChannels(
  client: Birdman,
  channels: readonly Channel[],
  { id, request }: { readonly id: string; readonly request: LogRequest },
): Promise<void> {
  const missing = new Set<string>();
  const onMissing = (what: string): void => void missing.add(what);
  await Promise.all(channels.map(async (channel) => copy(client, { id, channel, request, onMissing })));
  if (missing.size > 0) throw new CommandError(`this output is not whole; missing is ${[...missing].join("; ")}`);
}

/** Several at once, a prefix before each line. What cannot be read of one does not end the others. */
export async function copyManyLogs(client: Birdman, tasks: readonly NamedTask[], request: LogRequest): Promise<void> {
  const { context } = request;
  const names = prefixesOf(tasks);
  const failures: unknown[] = [];
  const copyOne = async ({ id }: NamedTask, index: number): Promise<void> => {
    const name = names[index] ?? id;
    const channels = channelsOf(request).map((channel) => ({
      ...channel,
      prefix: paintPrefix(request, channel, { name, index }),
    }));
    try {
      await copyChannels(client, channels, { id, request });
    } catch (error) {
      failures.push(error);
      await write(context.stderr, `birdman: ${name.trimEnd()}: ${explainFailure(error).message}\n`);
    }
  };
  await Promise.all(tasks.map(copyOne));
  if (failures.length === 0) return;
  const unreachable = failures.filter((error) => error instanceof ClientError).find((error) => error.isUnreachable);
  if (unreachable !== undefined) throw unreachable;
  throw new CommandError(
    `the output of ${String(failures.length)} of ${String(tasks.length)} tasks could not be read whole`,
  );
}

interface Copy {
  readonly id: string;
  readonly channel: Channel;
  readonly request: LogRequest;
  readonly onMissing: (what: string) => void;
}

async function copy(client: Birdman, { id, channel, request, onMissing }: Copy): Promise<void> {
  const { output, filter, prefix } = channel;
  const { context, color } = request;
  const isTerminal = output.isTTY === true;
  if (prefix === undefined && !isTerminal) {
    for await (const chunk of client.logs(id, filter, { onMissing })) await write(output, chunk);
    return;
  }
  // Nothing has to be made safe for a file or a pipe.
  const text = isTerminal ? new TerminalFilter(isColored(context, output, color)) : new Utf8();
  const lines = prefix === undefined ? undefined : new PrefixedLines(prefix);
  const pass = async (piece: string): Promise<void> => write(output, lines?.push(piece) ?? piece);
  for await (const chunk of client.logs(id, filter, { onMissing })) await pass(text.push(chunk));
  await pass(text.end());
  await write(output, lines?.end() ?? "");
}

class Utf8 {
  readonly #decoder = new TextDecoder();

  push(chunk: Uint8Array): string {
    return this.#decoder.decode(chunk, { stream: true });
  }

  end(): string {
    return this.#decoder.decode();
  }
}

const PREFIX_STYLES: readonly Style[] = ["cyan", "yellow", "green", "magenta", "blue", "red"];

function paintPrefix(
  { context, color }: LogRequest,
  { output }: Channel,
  { name, index }: { readonly name: string; readonly index: number },
): string {
  const paint = painter(context, output, color);
  return `${paint(PREFIX_STYLES[index % PREFIX_STYLES.length] ?? "cyan", `${name} |`)} `;
}

/** Names, and where several have the same one the ids behind them; all of one width. */
export function prefixesOf(tasks: readonly NamedTask[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of tasks) counts.set(name, (counts.get(name) ?? 0) + 1);
  const idLength = shortestDistinct(tasks.map(({ id }) => id));
  const labels = tasks.map(({ id, name }) =>
    printable((counts.get(name) ?? 0) > 1 ? `${name}/${id.slice(0, idLength)}` : name),
  );
  const width = labels.reduce((most, label) => Math.max(most, displayWidth(label)), 0);
  return labels.map((label) => label + " ".repeat(width - displayWidth(label)));
}
