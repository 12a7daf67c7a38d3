import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const API = ["/tasks", "/nodes", "/stats", "/events", "/plans", "/brake", "/live", "/openapi.json"];

/** The client serves Node as well; what it has for Node alone is not part of the dashboard. */
const leaveOutNode: Plugin = {
  name: "leave-out-node",
  async load(id) {
    if (!/\/src\/client\/node-[\w-]+\.ts$/.test(id)) return null;
    const source = await readFile(id, "utf8");
    const names = [...source.matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm)].map(
      ([, name]) => name,
    );
    return names.map((name) => `export function ${name}() { throw new Error("not in a browser"); }`).join("\n");
  },
};

/** Beside each file lie copies of it that are compressed as far as it goes, so that nothing is when it is asked for. */
const precompress: Plugin = {
  name: "precompress",
  apply: "build",
  async writeBundle({ dir }, bundle) {
    if (dir === undefined) return;
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    for (const name of Object.keys(bundle)) {
      const file = join(dir, name);
      const bytes = await readFile(file);
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
      await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
    }
  },
};

/**
 * The dashboard: `npm run build:web` writes it to `dist/web`, from where a manager serves it at `/ui/`. For work on it,
 * `npx vite web` serves it with what changed replaced in place, and passes the API's requests on to a manager.
 */
export default defineConfig({
  root: ROOT,
  base: "/ui/",
  plugins: [leaveOutNode, react(), precompress],
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    // Inlined files would be `data:` URLs, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2023",
    cssTarget: "esnext",
  },
  server: {
    proxy: Object.fromEntries(
      API.map((path) => [
        path,
        { target: process.env["BIRDMAN_MANAGER_URL"] ?? "http://127.0.0.1:8080", changeOrigin: true },
      ]),
    ),
  },
});
