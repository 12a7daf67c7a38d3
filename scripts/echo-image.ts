/**
 * Builds `birdman/echo:latest` into an engine from nothing: no registry, no Dockerfile, no docker command. The image is one
 * layer: this very Node, the libraries that it is linked with, and the sample service.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { rolldown } from "rolldown";
import { pack, type Pack } from "tar-stream";

export const ECHO_REPOSITORY = "birdman/echo";
export const ECHO_TAG = "latest";

const DIGEST_LABEL = "birdman.echo.digest";
const NODE_PATH = "/usr/local/bin/node";
const SERVER_PATH = "/echo/server.js";

/** What `docker import` is to set on the image, in the words of a Dockerfile. */
const CONFIGURATION = [
  "ENV PATH=/usr/local/bin",
  "WORKDIR /echo",
  "USER 65534:65534",
  "EXPOSE 7777/tcp",
  `CMD ${JSON.stringify([NODE_PATH, SERVER_PATH])}`,
];

const SERVICE = fileURLToPath(new URL("../echo/server.ts", import.meta.url));

/**
 * Makes sure that the engine has the image, and says whether it had to be built. The image is told by a digest of all that
 * goes into it, so an engine that has this very one is left as it is.
 */
export async function ensureEchoImage(engine: Docker): Promise<"built" | "present"> {
  const libraries = librariesOf(process.execPath);
  const digest = digestOf(libraries);
  if ((await digestOfImage(engine)) === digest) return "present";
  const archive = pack();
  const changes = [...CONFIGURATION, `LABEL ${DIGEST_LABEL}=${digest}`];
  const [progress] = await Promise.all([
    engine.importImage(archive, { repo: ECHO_REPOSITORY, tag: ECHO_TAG, changes }),
    fill(archive, libraries),
  ]);
  await new Promise<void>((resolve, reject) => {
    engine.modem.followProgress(progress, (error) => (error === null ? resolve() : reject(error)));
  });
  return "built";
}

async function digestOfImage(engine: Docker): Promise<string | undefined> {
  try {
    const { Config } = await engine.getImage(`${ECHO_REPOSITORY}:${ECHO_TAG}`).inspect();
    return Config.Labels[DIGEST_LABEL];
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** Paths of the shared libraries that the program needs, the loader included. */
export function librariesOf(program: string): readonly string[] {
  const listing = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...listing.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
}

/** Node is told by its version: reading it through would take as long as building the image. */
function digestOf(libraries: readonly string[]): string {
  const hash = createHash("sha256").update(`${CONFIGURATION.join("\n")}\n${process.version} ${process.arch}\n`);
  for (const path of [SERVICE, ...libraries]) hash.update(readFileSync(path));
  return hash.digest("hex");
}

async function fill(archive: Pack, libraries: readonly string[]): Promise<void> {
  archive.entry({ name: inArchive("/echo/package.json") }, '{ "type": "module" }\n');
  archive.entry({ name: inArchive(SERVER_PATH) }, await compiledService());
  await copy(archive, process.execPath, NODE_PATH);
  for (const path of libraries) await copy(archive, path, path);
  archive.finalize();
}

async function copy(archive: Pack, source: string, path: string): Promise<void> {
  const entry = archive.entry({ name: inArchive(path), mode: 0o755, size: statSync(source).size });
  await pipeline(createReadStream(source), entry);
}

function inArchive(path: string): string {
  return path.slice(1);
}

/** As JavaScript: taking the types off at each start would double the time that a container takes to answer. */
async function compiledService(): Promise<string> {
  const bundle = await rolldown({ input: SERVICE, platform: "node" });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return output[0].code;
}
