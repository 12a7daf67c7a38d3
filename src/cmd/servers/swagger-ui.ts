import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the build puts the files, as seen from the chunk of the bundle that this becomes part of. */
const BUNDLED = new URL("../swagger-ui/", import.meta.url);

/** The folder with Swagger UI's files: beside the bundle, or of the package in a checkout; undefined when they are missing. */
export function swaggerUiFiles(): string | undefined {
  if (existsSync(BUNDLED)) return fileURLToPath(BUNDLED);
  try {
    return dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/swagger-ui.css")));
  } catch {
    return undefined; // installed without what is only for development
  }
}
