/**
 * Tries again what got no answer: browsers cut every connection when any network of the machine changes, which happens
 * with each container that starts there.
 */
import { ClientError } from "../../../src/client/client-error.ts";

const MOST_TRIES = 4;
const PAUSE_MS = 300;
const RELOAD_KEY = "birdman.reloaded";
const RELOAD_AGAIN_MS = 60_000;

/** For requests that may reach the manager twice. An answer, also a refusal, ends it. */
export async function persistently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return again(ask, (error) => error instanceof ClientError && error.isUnreachable);
}

/**
 * Follows a stream until it ends: one that is cut off is begun anew. `follow` begins from nothing each time; `signal` ends
 * it, and so does an answer of the manager that is a refusal.
 */
export async function followPersistently(follow: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await follow();
      return;
    } catch (error) {
      if (signal.aborted || !(error instanceof ClientError) || !error.isUnreachable) throw error;
      await pause(PAUSE_MS);
    }
  }
}

/**
 * Loads a part of the page. Where it is not to be had, the manager may have got another dashboard since this page was loaded:
 * then the page is loaded anew, once.
 */
export async function loadedPersistently<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await again(load, () => true);
  } catch (error) {
    const lastAt = Number(sessionStorage.getItem(RELOAD_KEY) ?? 0);
    if (Date.now() - lastAt < RELOAD_AGAIN_MS) throw error;
    sessionStorage.setItem(RELOAD_KEY, String(Date.now()));
    location.reload();
    return new Promise(() => undefined);
  }
}

async function again<Answer>(ask: () => Promise<Answer>, isWorthIt: (error: unknown) => boolean): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === MOST_TRIES || !isWorthIt(error)) throw error;
      await pause(PAUSE_MS * tries);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
