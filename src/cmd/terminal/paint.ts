/** Colour, where it is wanted: on a terminal, unless NO_COLOR or --no-color says otherwise (no-color.org). */
import { styleText } from "node:util";
import type { Context } from "../context.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export type Paint = (style: Style, text: string) => string;

export function painter(context: Context, output: { readonly isTTY?: boolean }, wanted = true): Paint {
  const { NO_COLOR, TERM } = context.env;
  const colored = wanted && output.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
  return (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text);
}
