/**
 * A TCP proxy on loopback whose line can be cut, held up and slowed. What is held up is not lost: it arrives, late and in
 * order, when the line is mended, as after a partition of a real network.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * cut: connections are reset, new ones at once. stalled: nothing passes in the directions named, and no connection is
 * made through it. slow: every piece is late by so much.
 */
export type Line =
  | { readonly kind: "whole" }
  | { readonly kind: "cut" }
  | { readonly kind: "stalled"; readonly up: boolean; readonly down: boolean }
  | { readonly kind: "slow"; readonly delayMs: number };

/** up: from whoever dialled. */
type Direction = "up" | "down";

export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #line: Line = { kind: "whole" };
  /** Settled whenever the line changes. */
  #changed = Promise.withResolvers<void>();

  private constructor(server: Server, target: number) {
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    this.#server = server;
    this.#target = target;
    server.on("connection", (client) => void this.#serve(client));
  }

  /** Listens on a free port and passes on to the target port. */
  static async open(target: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, target);
  }

  set line(line: Line) {
    this.#line = line;
    if (line.kind === "cut") for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async close(): Promise<void> {
    this.line = { kind: "cut" };
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  async #serve(client: Socket): Promise<void> {
    this.#keep(client);
    await this.#passable("up");
    if (this.#line.kind === "cut" || client.destroyed) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    this.#keep(upstream);
    await Promise.all([this.#pump("up", client, upstream), this.#pump("down", upstream, client)]);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    // What went wrong is told by the end of the stream that reads from it.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #pump(direction: Direction, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        await this.#passable(direction);
        if (this.#line.kind === "slow") await delay(this.#line.delayMs);
        if (to.destroyed) break;
        if (!to.write(piece)) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
      await this.#passable(direction);
      to.end();
    } catch {
      // One end is gone: so is the other, once the line lets it know.
      await this.#passable(direction);
      to.resetAndDestroy();
    }
  }

  /** Resolves when something may pass in the direction. */
  async #passable(direction: Direction): Promise<void> {
    while (this.#line.kind === "stalled" && this.#line[direction]) await this.#changed.promise;
  }
}
