import { closest } from "../utils/closest.ts";

/** ` (did you mean status?)`, where a word is close to one that exists or is the beginning of just one; else nothing. */
export function didYouMean(word: string, valid: readonly string[]): string {
  const suggestion = closest(word, valid) ?? onlyCompletion(word, valid);
  return suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
}

function onlyCompletion(word: string, valid: readonly string[]): string | undefined {
  if (word.length < 2) return undefined;
  const completions = valid.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  return completions.length === 1 ? completions[0] : undefined;
}
