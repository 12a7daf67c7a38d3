/** The program's entry: everything it does to this process is done here. */
import { processContext } from "./context.ts";
import { runProgram } from "./program.ts";

const SERVERS = new Set(["dev", "manager", "worker"]);

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read our output has seen enough (`birdman logs … | head`), or the terminal is gone. A command is over then;
  // a server hears of a terminal's end by SIGHUP, and has tasks to look after until it has ended in good order.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    if (!SERVERS.has(process.argv[2] ?? "")) process.exit(0);
  });
}

process.exitCode = await runProgram(process.argv.slice(2), processContext());
