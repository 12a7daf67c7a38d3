/** Bytes, as people write them: a number, or a string with a unit (`KiB MiB GiB TiB kB MB GB TB B`). */
const UNITS = new Map<string, number>([
  ["b", 1],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
]);

/** What a size looks like, for JSON schemas. */
export const SIZE_PATTERN = "^ *[0-9]+(\\.[0-9]+)? *(([kKmMgGtT][iI]?)?[bB])? *$";

const SIZE = /^ *(\d+(?:\.\d+)?) *([a-z]*) *$/i;

/** Bytes of `64MiB`, `1.5 GB` or `1048576`; undefined when it is no size. The result is a whole number. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isSafeInteger(text) && text >= 0 ? text : undefined;
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const unit = match[2] === "" ? 1 : UNITS.get((match[2] ?? "").toLowerCase());
  if (unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `67108864` → `64 MiB`: binary units, at most one decimal. `parseSize` reads it back, to within the rounding. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let index = 0;
  while (value >= 1023.95 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  const rounded = index === 0 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
  return `${rounded} ${units[index] ?? "B"}`;
}
