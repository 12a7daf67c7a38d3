/** Text that came from elsewhere, on its way to a terminal: nothing in it may move the cursor or take up a width we did not count. */

/** Control characters of both sets, line separators, and the marks that reorder what follows them. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line: whatever is no printable character is shown as its escape, `\n` or `\x1b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** Like `printable`, but lines stay lines and tabs stay tabs. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" || character === "\t" ? character : escapeOf(character),
  );
}

/** JSON, or YAML with such strings quoted, without what `JSON.stringify` leaves unescaped; the value is the same. */
export function printableJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${hex(character, 4)}`,
  );
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  const code = character.codePointAt(0) ?? 0;
  return code > 0xff ? `\\u${hex(character, 4)}` : `\\x${hex(character, 2)}`;
}

function hex(character: string, digits: number): string {
  return (character.codePointAt(0) ?? 0).toString(16).padStart(digits, "0");
}

const PLAIN = /^[\x20-\x7e]*$/;
const GRAPHEME_WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

/** Columns that a printable line takes on a terminal: two for each wide character (East Asian, emoji), none for marks on the one before. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += GRAPHEME_WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The text, cut to so many columns; what was cut ends in `…`. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let taken = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = used + displayWidth(segment);
    if (next > width - 1) break;
    taken += segment;
    used = next;
  }
  return width < 1 ? "" : `${taken}…`;
}
