/**
 * As whom the page speaks to its manager: the client, with a token where one is needed. The token lives in the session
 * storage of this tab alone, and is gone with it.
 */
import { Birdman } from "../../../src/client/client.ts";
import { fetchTransport } from "../../../src/client/fetch-transport.ts";
import type { Transport } from "../../../src/client/transport.ts";
import { Observable } from "./observable.ts";

const STORAGE_KEY = "birdman.token";

export interface Session {
  /** Another one whenever a token was given: whoever holds a connection makes it anew then. */
  readonly client: Birdman;
  readonly hasToken: boolean;
  /** `asked`: the manager wants a token, and was given none. `refused`: it does not know the one it was given. */
  readonly access: "granted" | "asked" | "refused";
}

const overFetch = fetchTransport("");

/** Notices when an answer is that a token is wanted, whoever asked. */
const transport: Transport = async (request) => {
  const asking = session.get();
  const response = await overFetch(request);
  // A request that was sent before another token was given tells nothing of that one.
  if (response.status === 401 && asking.client === session.get().client) {
    session.set({ ...asking, access: asking.hasToken ? "refused" : "asked" });
  }
  return response;
};

export const session = new Observable<Session>(sessionWith(sessionStorage.getItem(STORAGE_KEY) ?? undefined));

/** Takes the token for this tab, and asks again with it. */
export function signIn(token: string): void {
  sessionStorage.setItem(STORAGE_KEY, token);
  session.set(sessionWith(token));
}

/** Forgets the token. */
export function signOut(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  session.set(sessionWith(undefined));
}

function sessionWith(token: string | undefined): Session {
  const client = new Birdman({ transport, ...(token === undefined ? {} : { token }) });
  return { client, hasToken: token !== undefined, access: "granted" };
}
