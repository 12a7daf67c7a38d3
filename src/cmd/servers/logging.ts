/** The log of a server: pino's lines as they are, or one readable line each. */
import { pino, type Logger } from "pino";
import { LOG_REDACTION } from "../../api/access.ts";
import type { Output } from "../context.ts";
import type { LogOptions } from "../server-options.ts";
import type { Paint, Style } from "../terminal/paint.ts";
import { printable } from "../terminal/text.ts";

export function createLogger({ logLevel, logFormat }: LogOptions, output: Output, paint: Paint): Logger {
  const write = (line: string): void => void output.write(logFormat === "json" ? line : readable(line, paint));
  return pino({ level: logLevel, redact: LOG_REDACTION, base: null }, { write });
}

const LEVELS = new Map<unknown, readonly [word: string, style: Style]>([
  [10, ["TRACE", "dim"]],
  [20, ["DEBUG", "dim"]],
  [30, ["INFO ", "green"]],
  [40, ["WARN ", "yellow"]],
  [50, ["ERROR", "red"]],
  [60, ["FATAL", "red"]],
]);

/** `08:00:00.000 INFO  the task was placed  task=0193… node=worker1`. */
function readable(line: string, paint: Paint): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const [word, style] = LEVELS.get(level) ?? ["     ", "dim"];
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const extra = Object.entries(fields).map(
    ([name, value]) => ` ${paint("dim", `${printable(name)}=`)}${printable(text(value))}`,
  );
  return `${paint("dim", clock)} ${paint(style, word)} ${printable(text(msg ?? ""))}${extra.length === 0 ? "" : ` ${extra.join("")}`}\n`;
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  const isError = typeof value === "object" && value !== null && "stack" in value && typeof value.stack === "string";
  return isError ? String(value.stack) : JSON.stringify(value);
}
