/**
 * Why a start failed, in plain words: engines answer with nested texts of several programs, which these tables turn into
 * a code, the thing that is wrong and what to do about it. The texts are those of Docker 20.10 to 29 and Podman 4 and 5.
 */
import { StartError, type StartErrorCode, type StartRequest } from "../runtime.ts";
import { EngineError } from "./engine-error.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly code: StartErrorCode;
  /** The message, from what the pattern found and the image's name. */
  readonly message: (found: readonly string[], image: string) => string;
}

const START_RULES: readonly Rule[] = [
  {
    pattern: /exec: "([^"]*)":.*(?:executable file not found|no such file or directory)/,
    code: "command",
    message: ([, program], image) => `there is no program ${String(program)} in image ${image}`,
  },
  {
    pattern: /exec: "([^"]*)":.*permission denied/,
    code: "command",
    message: ([, program], image) =>
      `${String(program)} in image ${image} cannot be executed: it is a folder, or not marked as executable`,
  },
  {
    pattern: /exec format error/,
    code: "command",
    message: (_, image) => `the program in image ${image} is made for another kind of processor`,
  },
  {
    pattern: /no command specified|no CMD or ENTRYPOINT/i,
    code: "command",
    message: (_, image) => `image ${image} does not say what to run: give a command`,
  },
  {
    pattern:
      /(?:listen \w+|Bind for|bind host port(?: for)?) ([\d.]+|\[[\da-f:]+\]):(\d+).*(?:already in use|already allocated)/,
    code: "ports",
    message: ([, address, port]) =>
      `port ${String(port)} is already in use at ${String(address)} of this node: choose another, or none for a free one`,
  },
  {
    pattern: /(?:listen \w+|bind host port(?: for)?) ([\d.]+|\[[\da-f:]+\]):(\d+).*cannot assign requested address/,
    code: "ports",
    message: ([, address, port]) =>
      `port ${String(port)} cannot be published at ${String(address)}: this node has no such address`,
  },
  {
    pattern:
      /(?:listen \w+|bind host port(?: for)?|rootlessport \w+) (?:[\d.]+|\[[\da-f:]+\]):(\d+).*permission denied/,
    code: "ports",
    message: ([, port]) => `the engine may not publish on port ${String(port)}: choose one above 1023`,
  },
  {
    pattern: /port is already allocated|address already in use/,
    code: "ports",
    message: () => "a port of this node is already in use: choose another, or none for a free one",
  },
  {
    pattern: /unable to find (user|group) ([^:]+):/,
    code: "spec",
    message: ([, kind, name], image) => `image ${image} has no ${String(kind)} ${String(name)}`,
  },
  {
    pattern: /bind source path does not exist: (.*)/,
    code: "spec",
    message: ([, path]) => `there is no ${String(path)} on this node: volumes can only be made of paths that exist`,
  },
  {
    pattern: /"?([^"]*)"? includes invalid characters for a local volume name/,
    code: "spec",
    message: ([, name]) =>
      `"${String(name)}" is no name of a volume: letters, digits and _ . - are allowed, and a host path begins with /`,
  },
  {
    pattern: /minimum memory limit allowed is (\S+)/i,
    code: "spec",
    message: ([, least]) => `the memory limit is too small: the engine allows no less than ${String(least)}`,
  },
  {
    pattern: /unable to set memory limit to (\d+)/,
    code: "spec",
    message: ([, bytes]) => `the memory limit of ${String(bytes)} bytes is too small to start in`,
  },
  {
    pattern: /range of CPUs is from ([\d.]+) to ([\d.]+)/i,
    code: "spec",
    message: ([, least, most]) => `the engine can limit cpu to between ${String(least)} and ${String(most)} cores`,
  },
  {
    pattern: /(invalid reference format|repository name must be lowercase).*/,
    code: "spec",
    message: ([detail], image) => `"${image}" is no name of an image: ${String(detail)}`,
  },
  {
    pattern: /working directory '([^']*)' is invalid/,
    code: "spec",
    message: ([, path]) => `the working directory ${String(path)} has to be an absolute path`,
  },
  {
    pattern: /(?:Cannot mkdir: |workdir ")([^ "]*)"? .*not a directory/,
    code: "spec",
    message: ([, path], image) => `the working directory ${String(path)} is no folder in image ${image}`,
  },
  {
    pattern: /no space left on device/,
    code: "engine",
    message: () => "the engine's disk is full: make room (docker system prune), or move its data",
  },
  {
    pattern: /non-overlapping IPv4 address pool/,
    code: "engine",
    message: () => "the engine has no addresses left for another network: remove unused ones (docker network prune)",
  },
];

/** The StartError for whatever creating or starting the container failed with. */
export function startError(error: unknown, request: StartRequest): StartError {
  if (error instanceof StartError) return error;
  if (!(error instanceof EngineError)) throw error;
  if (error.reason !== "answered") return new StartError("engine", error.message, { cause: error });
  const image = request.spec.document.image ?? "";
  for (const { pattern, code, message } of START_RULES) {
    const found = pattern.exec(error.message);
    if (found !== null) return new StartError(code, message(found, image), { cause: error });
  }
  const code = error.status === 400 ? "spec" : "engine";
  return new StartError(code, `the engine cannot start it: ${innermost(error.message)}`, { cause: error });
}

/** The last and most telling part of a text that several programs have put their own in front of. */
export function innermost(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const inner = line.split(/(?:caused: |container process: |create failed: )/).at(-1) ?? line;
  return inner.replace(/: unknown$/, "");
}
