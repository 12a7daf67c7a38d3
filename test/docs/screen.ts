/** What a terminal shows after all that was written to it: progress that is written over does not count, nor do colours. */

/** Escape sequences that move something: `ESC [ NUMBERS LETTER`. All others are for looks. */
const CONTROL = /\u001b\[([?\d;]*)([A-Za-z])|\u001b[()][A-Z0-9]|\u001b[=>78]|[\r\n\b]|[^\u001b\r\n\b]+|\u001b/g;

/** The lines of the screen, which is as long as it need be and has no width; blank ones at its end do not count. */
export function screenLines(written: string): readonly string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const move = (kind: string, count: number): void => {
    if (kind === "A") row = Math.max(0, row - count);
    else if (kind === "B") row += count;
    else if (kind === "C") column += count;
    else if (kind === "D") column = Math.max(0, column - count);
    else if (kind === "G") column = count - 1;
    else if (kind === "H") [row, column] = [0, 0];
  };
  const erase = (kind: string, what: number): void => {
    const line = (lines[row] ??= []);
    if (what === 2) line.length = 0;
    else if (what === 1) line.fill(" ", 0, column + 1);
    else line.length = Math.min(line.length, column);
    if (kind !== "J") return;
    lines.length = row + 1;
    if (what === 2) for (const other of lines) other.length = 0;
  };
  for (const [text, numbers, kind] of written.matchAll(CONTROL)) {
    if (text === "\n") row += 1;
    else if (text === "\r") column = 0;
    else if (text === "\b") column = Math.max(0, column - 1);
    else if (kind === "K" || kind === "J") erase(kind, Number(numbers ?? 0) || 0);
    else if (kind !== undefined) move(kind, Number(numbers === "" ? 1 : numbers) || 1);
    else if (!text.startsWith("\u001b")) {
      const line = (lines[row] ??= []);
      for (const character of text) {
        while (line.length < column) line.push(" ");
        line[column] = character;
        column += 1;
      }
    }
  }
  const shown = Array.from(lines, (line) => (line ?? []).join("").trimEnd());
  return shown.slice(0, shown.findLastIndex((line) => line !== "") + 1);
}
