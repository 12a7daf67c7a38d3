/** `npm start`: sets the checkout up, then shows it at work under Node 24. Plain JavaScript that Node 20 runs. */
import { fileURLToPath } from "node:url";
import { runAs } from "./launch.mjs";
import { runScript, setUp } from "./setup.mjs";

await runScript(async () => {
  const demo = fileURLToPath(new URL("demo.ts", import.meta.url));
  await runAs(await setUp(), [demo, ...process.argv.slice(2)]);
});
