/** Whether a user's own cost and filters keep the contract: no cluster is needed, and none is touched. */
import type { Command } from "commander";
import { checkContract, timePerNode, type CheckResult } from "../../scheduler/contract.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import { SeededRandom } from "../../sim/seeded-random.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, ListOption, option, type DisplayOptions } from "../options.ts";
import { loadModule } from "../servers/load-scheduler.ts";
import { painter, type Paint } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { renderTable, type Column } from "../terminal/table.ts";
import { printable } from "../terminal/text.ts";
import { parseCount, parsePair, type Pair } from "../values.ts";

interface CheckOptions extends DisplayOptions {
  readonly seed: number;
  readonly label?: readonly Pair[];
}

export function configure(command: Command, context: Context): void {
  command
    .argument("<file>", "the module, as manager --scheduler takes it")
    .addOption(
      new ListOption(
        "--label <key=value>",
        "a label that its cost or filters look at, for some nodes and tasks",
        parsePair,
      ),
    )
    .addOption(option("--seed <seed>", "what the nodes and tasks are drawn from", parseCount).default(1))
    .addHelpText(
      "after",
      examples([
        ["birdman check-scheduler ./scheduler.js", "try it on some hundreds of nodes, of every kind there can be"],
        [
          "birdman check-scheduler ./scheduler.js --label price=0.12 --label gpu=true",
          "some of them with these labels",
        ],
        ["birdman check-scheduler ./scheduler.js -o json | jq '.[] | select(.passed | not)'", "only what it fails"],
      ]),
    )
    .action(async (file: string, { seed, label = [], output, color }: CheckOptions) => {
      if (SCHEDULERS.has(file)) throw new UsageError(`${file} is built in: give the file of a module of your own`);
      const { functions, algorithm } = await loadModule(file);
      // Another query is another module to Node: a copy with a state of its own.
      const { functions: copy } = await loadModule(file, "", "?copy");
      const draw = () => ({ random: new SeededRandom(seed).next, labels: label });
      const results = checkContract({ forwards: functions, backwards: copy }, draw());
      if (output === "table") {
        const paint = painter(context, context.stdout, color);
        const msPerNode = timePerNode(copy, draw(), () => performance.now());
        context.stdout.write(`${render(results, paint, context.stdout.columns)}\n${speed(msPerNode)}\n`);
      } else {
        await printDocument(context, output, results);
      }
      const failed = results.filter(({ passed }) => !passed).length;
      if (failed > 0) {
        throw new CommandError(`${algorithm.name} fails ${String(failed)} of ${String(results.length)} checks`);
      }
    });
  addDisplayOptions(command);
}

/** A line for each check, and below, for each that failed, what showed it. */
function render(results: readonly CheckResult[], paint: Paint, width: number | undefined): string {
  const columns: readonly Column<CheckResult>[] = [
    { heading: "RESULT", value: verdict, paint: (cell, { passed }) => paint(passed ? "green" : "red", cell) },
    { heading: "CASES", value: ({ cases }) => String(cases) },
    { heading: "CHECK", value: ({ check }) => check, shrinkTo: 20 },
  ];
  const counterexamples = results.flatMap(({ check, counterexample }) =>
    counterexample === null ? [] : [`\n${paint("bold", `Not so: ${check}`)}\n  ${printable(counterexample)}\n`],
  );
  return renderTable(columns, results, width) + counterexamples.join("");
}

function verdict({ passed, cases }: CheckResult): string {
  if (!passed) return "failed";
  return cases === 0 ? "nothing to check" : "passed";
}

const NODES = 500;

/** What the time means: every node is asked at every placement. */
function speed(msPerNode: number): string {
  const micros = significant(msPerNode * 1000);
  const decisionMs = msPerNode * NODES;
  const perSecond = decisionMs > 0 ? significant(1000 / decisionMs) : "any number of";
  return (
    `It takes ${micros} µs a node (median). On a cluster of ${String(NODES)} nodes that is ${significant(decisionMs)} ms ` +
    `for a placement: at most ${perSecond} placements a second.`
  );
}

/** Two digits that count: `0.12`, `4.5`, `13`, `4,500`. */
function significant(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 2 });
}
