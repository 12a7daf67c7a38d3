/** The client of a manager in this process: its requests go into the real HTTP server without a socket. */
import type { FastifyInstance } from "fastify";
import { Birdman } from "../../src/client/client.ts";
import type { Transport } from "../../src/client/transport.ts";

export function injectedClient(app: FastifyInstance): Birdman {
  return new Birdman({ transport: injectedTransport(app) });
}

export function injectedTransport(app: FastifyInstance): Transport {
  return async ({ method, path, headers, body }) => {
    const payload = body === undefined ? {} : { payload: body };
    const answer = await app.inject({ method, url: path, headers: { ...headers }, ...payload });
    return {
      url: `http://injected${path}`,
      status: answer.statusCode,
      header: (name) => {
        const value = answer.headers[name];
        return value === undefined ? undefined : String(value);
      },
      body: chunk(answer.rawPayload),
    };
  };
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
