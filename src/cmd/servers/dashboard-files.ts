import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where `npm run build:web` puts the dashboard, as seen from a chunk of the bundle, and from this file in a checkout. */
const PLACE = import.meta.filename.endsWith(".ts") ? "../../../dist/web/" : "../web/";

/** The folder with the dashboard's files; undefined when it is not built. */
export function dashboardFiles(): string | undefined {
  const folder = fileURLToPath(new URL(PLACE, import.meta.url));
  return existsSync(`${folder}index.html`) ? folder : undefined;
}
