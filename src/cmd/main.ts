/** The program's entry: everything it does to this process is done here. */
import { processContext } from "./context.ts";
import { runProgram } from "./program.ts";

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read our output has seen enough (`birdman logs … | head`).
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

process.exitCode = await runProgram(process.argv.slice(2), processContext());
