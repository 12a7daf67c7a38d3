/** `npm run echo-image`: builds the sample service's image into the engine that answers, from nothing and without a registry. */
import { ensureEchoImage } from "./echo-image.ts";
import { ensureEngine } from "./engine.ts";
import { step } from "./progress.mjs";
import { runScript, SetupError } from "./setup.mjs";

await runScript(async () => {
  const engine = await ensureEngine();
  if (engine.kind === "none") throw new SetupError(engine.reason);
  const outcome = await step("building birdman/echo:latest", () => ensureEchoImage(engine.client));
  console.log(outcome === "built" ? "birdman/echo:latest is there now." : "birdman/echo:latest was there already.");
  engine.leave();
  if (engine.kind === "started") console.log("dockerd was started for it and runs on.");
});
