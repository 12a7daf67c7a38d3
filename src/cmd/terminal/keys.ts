/** What was pressed, from what a terminal in raw mode sends. */

const NAMES = new Map([
  ["\u001b[A", "up"],
  ["\u001bOA", "up"],
  ["\u001b[B", "down"],
  ["\u001bOB", "down"],
  ["\u001b[5~", "page-up"],
  ["\u001b[6~", "page-down"],
  ["\u001b[H", "home"],
  ["\u001bOH", "home"],
  ["\u001b[1~", "home"],
  ["\u001b[F", "end"],
  ["\u001bOF", "end"],
  ["\u001b[4~", "end"],
  ["\u001b", "escape"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
  ["\u0003", "interrupt"],
  ["\u001a", "suspend"],
]);

/** An escape sequence (CSI, SS3), or one character; a lone escape is the key of that name. */
const KEY = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[A-Z]|[\s\S]/gu;

/** `up`, `enter`, …, or the character itself. Sequences that mean nothing to us are left out. */
export function keysIn(text: string): string[] {
  return (text.match(KEY) ?? []).flatMap((key) => NAMES.get(key) ?? (key.length > 2 ? [] : [key]));
}
