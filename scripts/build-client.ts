/**
 * `npm run build:client`: the client as users of the package import it, `birdman/client`: one file of JavaScript for Node
 * and browsers, and the declarations. Node refuses TypeScript below node_modules, so the sources cannot be what is imported.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const build = await rolldown({
  cwd: ROOT,
  input: { client: "src/client/package-entry.ts" },
  platform: "neutral",
  // Loaded in Node alone, by those who run commands inside tasks.
  external: ["ws", /^node:/],
});
await build.write({ dir: `${ROOT}dist/client`, format: "esm", cleanDir: true, minify: "dce-only" });
await build.close();
execFileSync(`${ROOT}node_modules/.bin/tsc`, ["-p", `${ROOT}tsconfig.client.json`], { stdio: "inherit" });
