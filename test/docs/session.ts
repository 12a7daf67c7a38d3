/**
 * Plays the console blocks of a page from its first to its last, in terminals of its own, and compares what is printed with
 * what is shown.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../support/birdman-process.ts";
import { ELISION, formOf, Names } from "./compare.ts";
import { INTERRUPT, type Step, stepsOf } from "./console-block.ts";
import { type Block, blocksOf, ROOT } from "./markdown.ts";
import { noteOf, setUpOf } from "./notes.ts";
import { type Place, Terminal } from "./terminal.ts";

/** A step, and what became of it. */
export interface Played {
  readonly step: Step;
  readonly isAsShown: boolean;
  /** The step as it was in this run: typed with the ids and ports of this run, and what was printed then. */
  readonly real: { readonly input: string; readonly shown: readonly string[] };
}

/** Commands that only look, and so may be asked again until what they look at has come about. */
const LOOKS =
  /^(?:\w+=\S+ )*(?:birdman (?:status|node(?: list| show)?|stats|logs|explain|events|brake|plan|doctor|top(?= \|))\b(?!.* (?:-f|--follow)\b)|curl (?!.*(?: -X| -d| --data| --json)))/;

/** Commands that run until they are ended. */
const RUNS_ON = /^(?:\w+=\S+ )*birdman (?:dev|manager|worker|(?:logs|events)\b.* (?:-f|--follow)\b)/;

/** How long what a page shows may take to come about. */
const PATIENCE_MS = 30_000;
/** How long what is printed has to stay the same to be what a page should show. */
const CALM_MS = 3000;
const LOOK_EVERY_MS = 500;
const MAIN_TERMINAL = "main";

export interface SessionOptions {
  readonly place: Place;
  /** What is shown is to be replaced: there is no waiting for it, only for what is printed to come to rest. */
  readonly isUpdate: boolean;
}

export class Session {
  readonly #place: Place;
  readonly #isUpdate: boolean;
  readonly #terminals = new Map<string, Terminal>();
  #names = new Names();

  constructor({ place, isUpdate }: SessionOptions) {
    this.#place = place;
    this.#isUpdate = isUpdate;
  }

  /** Plays the page to its end, whatever differs. Rejects when a command never ends. */
  async play(page: string): Promise<readonly Played[]> {
    const played: Played[] = [];
    for (const command of setUpOf(page)) await this.#setUp(command);
    for (const block of blocksOf(page)) {
      const note = noteOf(block);
      if (note.file !== undefined) this.#write(note.file, block);
      if (block.language !== "console" || note["not run"] !== undefined) continue;
      const terminal = await this.#terminal(note.terminal ?? MAIN_TERMINAL);
      for (const step of stepsOf(block)) {
        const hasDiffered = played.some(({ isAsShown }) => !isAsShown);
        played.push(await this.#take(step, { terminal, isHopeful: !this.#isUpdate && !hasDiffered }));
      }
    }
    return played;
  }

  async close(): Promise<void> {
    // The last one that was opened first: workers before their manager.
    for (const terminal of [...this.#terminals.values()].toReversed()) await terminal.close();
  }

  #write(path: string, { lines }: Block): void {
    // What is there already is the checkout's.
    if (path.includes("/") || existsSync(`${ROOT}${path}`)) throw new Error(`the page would write ${path}`);
    writeFileSync(join(this.#place.directory, "home/birdman", path), `${lines.join("\n")}\n`);
  }

  async #terminal(name: string): Promise<Terminal> {
    const terminal = this.#terminals.get(name) ?? (await Terminal.open(this.#place));
    this.#terminals.set(name, terminal);
    return terminal;
  }

  /** Types a command that the page takes for granted, and waits until it has ended or says that it is ready. */
  async #setUp(command: string): Promise<void> {
    const terminal = await this.#terminal(`for ${command}`);
    terminal.type(command);
    const [program = "", verb = ""] = command.split(" ");
    const ready = `${program} ${verb} `;
    const isReady = () => terminal.isIdle || terminal.lines.some((line) => line.startsWith(ready));
    await until(command, isReady, { timeoutMs: 120_000 });
  }

  /** `isHopeful`: what is shown is waited for; otherwise only until what is printed has come to rest. */
  async #take(step: Step, { terminal, isHopeful }: { terminal: Terminal; isHopeful: boolean }): Promise<Played> {
    const input = this.#names.toReal(step.input);
    const runsOn = RUNS_ON.test(input);
    if (step.input === INTERRUPT) terminal.interrupt();
    else terminal.type(input);
    const deadline = performance.now() + PATIENCE_MS;
    let [form, formSince] = ["", performance.now()];
    for (;;) {
      if (!runsOn) await terminal.untilIdle();
      const { lines } = terminal;
      if (this.#isAsShown(step, { lines, runsOn })) return { step, isAsShown: true, real: { input, shown: lines } };
      const now = lines.map(formOf).join("\n");
      if (now !== form) [form, formSince] = [now, performance.now()];
      const isCalm = !isHopeful && lines.length > 0 && performance.now() > formSince + CALM_MS;
      const isFinal = runsOn ? terminal.isIdle : !LOOKS.test(input);
      if (isFinal || isCalm || performance.now() > deadline) {
        this.#learnFrom(step, lines);
        return { step, isAsShown: false, real: { input, shown: lines } };
      }
      await pause(LOOK_EVERY_MS);
      if (!runsOn) terminal.type(input);
    }
  }

  /** Takes the names from what little is as it is shown, so that what is typed later means the same. */
  #learnFrom({ shown }: Step, lines: readonly string[]): void {
    for (const [index, line] of shown.entries())
      this.#names = this.#names.matchLine(line, lines[index] ?? "") ?? this.#names;
  }

  /** What runs on has to print something, and may print more than is shown. */
  #isAsShown({ shown }: Step, { lines, runsOn }: { lines: readonly string[]; runsOn: boolean }): boolean {
    if (runsOn && shown.length === 0) return false;
    const names = this.#names.match(runsOn ? [...shown, ELISION] : shown, lines);
    if (names !== undefined) this.#names = names;
    return names !== undefined;
  }
}
