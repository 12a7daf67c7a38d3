/**
 * The token file of a running server: read again when it changes, so that a token that was just made is known and one
 * whose line was removed no longer is. A file that cannot be read leaves the tokens as they were.
 */
import { readFileSync, statSync } from "node:fs";
import { TokenFileError, TokenSet, type TokenSource } from "./access.ts";

/** How often the file is looked at, at most. */
const LOOK_EVERY_MS = 1000;

export class TokenFile implements TokenSource {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #tokens: TokenSet;
  #version: string;
  #lookedAt = performance.now();

  /** Throws when the file cannot be read or holds no token. `onError` is told of later trouble. */
  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    this.#onError = onError;
    this.#version = versionOf(path);
    this.#tokens = read(path);
    if (this.#tokens.size === 0) throw new TokenFileError(`${path} holds no token; make one with birdman token create`);
  }

  current(): TokenSet {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return this.#tokens;
    this.#lookedAt = now;
    try {
      const version = versionOf(this.#path);
      if (version === this.#version) return this.#tokens;
      this.#version = version;
      this.#tokens = read(this.#path);
    } catch (error) {
      this.#onError(new Error(`the tokens stay as they were: ${String(error)}`, { cause: error }));
    }
    return this.#tokens;
  }
}

function versionOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return [mtimeMs, size, ino].join();
}

function read(path: string): TokenSet {
  try {
    return TokenSet.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof TokenFileError) throw new TokenFileError(`${path}, ${error.message}`);
    throw error;
  }
}
