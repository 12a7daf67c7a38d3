/** Reads Prometheus' text format, as far as tests look into it. */

/** Every sample by its name with its labels, just as it stands there. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** What is exposed, by name, whether or not there are samples of it now. */
export function familiesOf(text: string): ReadonlyMap<string, Family> {
  const helps = new Map(Array.from(text.matchAll(/^# HELP (\S+) (.*)$/gm), ([, name = "", help = ""]) => [name, help]));
  return new Map(
    Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = "", type = ""]) => [
      name,
      { name, type, help: helps.get(name) ?? "" },
    ]),
  );
}
