/** Colour, where it is wanted: on a terminal, unless NO_COLOR or --no-color says otherwise (no-color.org). */
import { styleText } from "node:util";
import type { Context } from "../context.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "magenta" | "blue" | "inverse";

export type Paint = (style: Style, text: string) => string;

/** `wanted`: false with --no-color. */
export function isColored({ env }: Context, { isTTY }: { readonly isTTY?: boolean }, wanted = true): boolean {
  const { NO_COLOR, TERM } = env;
  return wanted && isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}

export function painter(context: Context, output: { readonly isTTY?: boolean }, wanted = true): Paint {
  const colored = isColored(context, output, wanted);
  return (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text);
}
