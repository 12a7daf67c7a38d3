/** What must never happen has happened: the simulation ends here. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** What was broken, in a few words that stay the same. */
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}
