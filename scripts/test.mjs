/** `npm test`: sets the checkout up, then runs the suites under Node 24. Plain JavaScript that Node 20 runs. */
import { fileURLToPath } from "node:url";
import { runAs } from "./launch.mjs";
import { runScript, setUp } from "./setup.mjs";

await runScript(async () => {
  const suites = fileURLToPath(new URL("run-suites.ts", import.meta.url));
  await runAs(await setUp(), [suites, ...process.argv.slice(2)]);
});
