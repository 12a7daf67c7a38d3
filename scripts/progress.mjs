/**
 * Says what a long step is doing: at a terminal one line that counts the seconds, elsewhere (a log) a line now and then.
 * Plain JavaScript that Node 20 runs, since the set-up is one of the steps.
 */
const TERMINAL = process.stdout.isTTY;
/** Back to the start of the line, and wipes it. */
const CLEAR = TERMINAL ? "\r\u001B[K" : "";
const EVERY_MS = TERMINAL ? 100 : 10_000;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * @typedef {object} Report
 * @property {(detail: string) => void} say how far the work is, for the line that comes and goes
 * @property {(line: string) => void} print something that is to stay
 */

/**
 * Does the work and shows that it is being done.
 *
 * @template T
 * @param {string} title in a few words, without a full stop
 * @param {(report: Report) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now();
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  let detail = "";
  let frame = 0;
  const show = () => {
    frame += 1;
    const line = `${title} … ${detail === "" ? "" : `${detail}, `}${elapsed()}`;
    const mark = SPINNER[frame % SPINNER.length];
    if (TERMINAL) process.stdout.write(`${CLEAR}${mark} ${line.slice(0, process.stdout.columns - 3)}`);
    else console.log(`  ${line}`);
  };
  const report = {
    say: (/** @type {string} */ now) => void (detail = now),
    print: (/** @type {string} */ line) => console.log(`${CLEAR}${line}`),
  };
  if (!TERMINAL) console.log(`• ${title} …`);
  const timer = setInterval(show, EVERY_MS);
  let mark = "✘";
  try {
    const result = await work(report);
    mark = "✔";
    return result;
  } finally {
    clearInterval(timer);
    report.print(`${mark} ${title} (${elapsed()})`);
  }
}
