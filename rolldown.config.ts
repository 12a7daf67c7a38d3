import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "rolldown";
import { SWAGGER_UI_FILES } from "./src/manager/http/swagger-ui-files.ts";

/**
 * What we never ask of dockerode, and what it would load all the same, half of an idle worker's memory: builds by BuildKit
 * (gRPC) and engines behind ssh.
 */
const LEFT_OUT = new Map([
  ["dockerode/lib/session.js", "builds by BuildKit are not part of this bundle"],
  ["dockerode/lib/buildkit.js", "builds by BuildKit are not part of this bundle"],
  ["docker-modem/lib/ssh.js", "an engine is reached over unix:// or tcp://; forward the socket instead of ssh://"],
]);

const leaveOut: Plugin = {
  name: "leave-out",
  load(id) {
    const reason = [...LEFT_OUT].find(([file]) => id.endsWith(`/node_modules/${file}`))?.[1];
    return reason === undefined ? null : `module.exports = () => { throw new Error(${JSON.stringify(reason)}); };`;
  },
};

/**
 * Imports of Node's own modules become plain look-ups. An `import` reads all exports of the module, the lazy ones too:
 * `node:process` opens the standard streams, `node:fs` loads its promises. A quarter of the time of a client command.
 */
const plainBuiltins: Plugin = {
  name: "plain-builtins",
  renderChunk(code) {
    const lookUp = (module: string): string => `globalThis.process.getBuiltinModule("${module}")`;
    return code
      .replaceAll(/^import ([\w$]+) from "(node:[\w/]+)";$/gm, (_, name: string, module: string) => {
        return `const ${name} = ${lookUp(module)};`;
      })
      .replaceAll(/^import (\{[^}]*\}) from "(node:[\w/]+)";$/gm, (_, names: string, module: string) => {
        return `const ${names.replaceAll(" as ", ": ")} = ${lookUp(module)};`;
      });
  },
};

/** Chunks of earlier builds go; the dashboard and packages, which lie beside them, stay. */
const sweepChunks: Plugin = {
  name: "sweep-chunks",
  generateBundle() {
    rmSync(fileURLToPath(new URL("dist/chunks", import.meta.url)), { recursive: true, force: true });
  },
};

/** Files that a manager serves as they are, for the page that shows its API, with the terms under which they may be passed on. */
const swaggerUi: Plugin = {
  name: "swagger-ui",
  generateBundle() {
    for (const name of [...SWAGGER_UI_FILES, "swagger-ui-bundle.js.LICENSE.txt", "LICENSE", "NOTICE"]) {
      const source = readFileSync(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)));
      this.emitFile({ type: "asset", fileName: `swagger-ui/${name}`, source });
    }
  },
};

/** The program as users install it: a chunk for each command that loads on its own, so that `status` loads no server. */
export default defineConfig({
  // Shim and guard outlive the worker, as processes and programs of their own.
  input: {
    birdman: "src/cmd/main.ts",
    "process-shim": "src/worker/runtimes/process/shim.ts",
    guard: "src/cmd/guard-main.ts",
  },
  platform: "node",
  // It carries a native addon, and is a dependency of the package.
  external: ["better-sqlite3"],
  plugins: [leaveOut, plainBuiltins, sweepChunks, swaggerUi],
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    minify: "dce-only",
    comments: { legal: true, annotation: false, jsdoc: false },
  },
});
