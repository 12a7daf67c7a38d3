/**
 * The network between the workers and the manager: connections as TCP makes them, and what goes wrong with them.
 *
 * Within one direction of one connection messages keep their order; they are late, held for a while, or lost from some
 * point on. A connection that was given up by one end may still deliver to the other what was under way, while a new one
 * is in use already. A partition holds everything back until it is healed (TCP sends again). A proxy that is broken
 * drops or doubles a message now and then, which TCP itself never does.
 */
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One end of a connection. */
export interface Endpoint<Message> {
  received(message: Message): void;
  /** The other end, or the network, has ended it. Called once, and not after this end has given it up itself. */
  closed(): void;
}

/** What the network takes a manager for. */
export interface Listener {
  /** A connection comes in; undefined when nobody listens. */
  accept(connection: Connection): Endpoint<WorkerMessage> | undefined;
}

export interface NetworkFaults {
  dropRate: number;
  duplicateRate: number;
  /** How many times as long as usual a message is under way. */
  slowness: number;
}

const HANDSHAKE_MS = 5000;

/** One direction of a connection. */
class Stream<Message> {
  readonly #network: Network;
  readonly #node: string;
  #endpoint: Endpoint<Message> | undefined;
  /** The latest moment at which something of this stream arrives: nothing later overtakes it. */
  #lastMs = 0;
  /** Nothing arrives any more, not even that it is over. */
  #isBroken = false;
  #stuck: (() => void)[] = [];

  constructor(network: Network, node: string) {
    this.#network = network;
    this.#node = node;
  }

  connect(endpoint: Endpoint<Message>): void {
    this.#endpoint = endpoint;
  }

  get isOpen(): boolean {
    return this.#endpoint !== undefined;
  }

  send(message: Message): void {
    if (this.#isBroken) return;
    const copies = this.#network.copiesOfMessage();
    for (let copy = 0; copy < copies; copy += 1) this.#carry(() => this.#endpoint?.received(message));
  }

  /** Says to the other end, after everything else, that it is over. */
  end(): void {
    this.#carry(() => this.close());
  }

  /** The receiver learns that it is over. */
  close(): void {
    const endpoint = this.#endpoint;
    this.#endpoint = undefined;
    endpoint?.closed();
  }

  /** The receiver takes nothing any more. */
  forget(): void {
    this.#endpoint = undefined;
  }

  /** What is under way is lost. */
  break(): void {
    this.#isBroken = true;
    this.#stuck = [];
  }

  /** Nothing arrives before so long. */
  hold(forMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, this.#network.time.nowMs + forMs);
  }

  healed(): void {
    const stuck = this.#stuck;
    this.#stuck = [];
    for (const arrive of stuck) this.#carry(arrive);
  }

  #carry(arrive: () => void): void {
    const { time } = this.#network;
    this.#lastMs = Math.max(this.#lastMs, time.nowMs + this.#network.latencyMs());
    time.after(this.#lastMs - time.nowMs, () => {
      if (this.#isBroken) return;
      if (this.#stuck.length > 0 || this.#network.isPartitioned(this.#node)) this.#stuck.push(arrive);
      else arrive();
    });
  }
}

export class Connection {
  readonly node: string;
  readonly #toManager: Stream<WorkerMessage>;
  readonly #toWorker: Stream<ManagerMessage>;
  readonly #network: Network;

  constructor(network: Network, node: string) {
    this.node = node;
    this.#network = network;
    this.#toManager = new Stream(network, node);
    this.#toWorker = new Stream(network, node);
  }

  open(worker: Endpoint<ManagerMessage>, manager: Endpoint<WorkerMessage>): void {
    this.#toWorker.connect(worker);
    this.#toManager.connect(manager);
  }

  get isOpen(): boolean {
    return this.#toManager.isOpen || this.#toWorker.isOpen;
  }

  sendToManager(message: WorkerMessage): void {
    this.#toManager.send(message);
  }

  sendToWorker(message: ManagerMessage): void {
    this.#toWorker.send(message);
  }

  /** A polite end from the manager's side: the worker answers it, and then the manager's end is over as well. */
  closeFromManager(): void {
    this.#toWorker.end();
  }

  closeFromWorker(): void {
    this.#toManager.end();
  }

  /** The worker's end is over: it reads nothing more, and the manager hears of it after everything that was said. */
  endWorker(): void {
    this.#toWorker.forget();
    this.#toManager.end();
  }

  endManager(): void {
    this.#toManager.forget();
    this.#toWorker.end();
  }

  /** The machine of the worker is off: nobody says goodbye. */
  vanishWorker(): void {
    this.#toWorker.forget();
    this.#toManager.break();
  }

  /** Cut in the middle: what is under way is lost; an end notices after so long, or never. */
  cut(notice: { readonly workerMs: number | undefined; readonly managerMs: number | undefined }): void {
    this.#toManager.break();
    this.#toWorker.break();
    const { time } = this.#network;
    if (notice.workerMs !== undefined) time.after(notice.workerMs, () => this.#toWorker.close());
    if (notice.managerMs !== undefined) time.after(notice.managerMs, () => this.#toManager.close());
  }

  /** Nothing arrives before so long, in each direction. */
  hold({ toManagerMs, toWorkerMs }: { readonly toManagerMs: number; readonly toWorkerMs: number }): void {
    this.#toManager.hold(toManagerMs);
    this.#toWorker.hold(toWorkerMs);
  }

  healed(): void {
    this.#toManager.healed();
    this.#toWorker.healed();
  }
}

export class Network {
  readonly time: VirtualTime;
  readonly faults: NetworkFaults = { dropRate: 0, duplicateRate: 0, slowness: 1 };
  readonly #random: SeededRandom;
  readonly #partitioned = new Set<string>();
  #connections: Connection[] = [];

  constructor(time: VirtualTime, random: SeededRandom) {
    this.time = time;
    this.#random = random;
  }

  /** Those that at least one end takes for open, newest last. */
  get connections(): readonly Connection[] {
    this.#connections = this.#connections.filter((connection) => connection.isOpen);
    return this.#connections;
  }

  isPartitioned(node: string): boolean {
    return this.#partitioned.has(node);
  }

  partition(nodes: readonly string[]): void {
    for (const node of nodes) this.#partitioned.add(node);
  }

  heal(nodes: readonly string[]): void {
    for (const node of nodes) this.#partitioned.delete(node);
    for (const connection of this.#connections) if (nodes.includes(connection.node)) connection.healed();
  }

  /** A worker dials: `opened` with the connection, or `failed`, after a while. */
  dial(node: string, listener: Listener, caller: Caller): void {
    if (this.isPartitioned(node)) {
      this.time.after(HANDSHAKE_MS, () => caller.failed());
      return;
    }
    this.time.after(this.latencyMs() * 3, () => {
      if (this.isPartitioned(node)) {
        this.time.after(HANDSHAKE_MS, () => caller.failed());
        return;
      }
      const connection = new Connection(this, node);
      const manager = listener.accept(connection);
      if (manager === undefined) {
        caller.failed();
        return;
      }
      const worker = caller.opened(connection);
      if (worker === undefined) {
        manager.closed();
        return;
      }
      connection.open(worker, manager);
      if (this.#connections.length > 32) this.#connections = this.#connections.filter(({ isOpen }) => isOpen);
      this.#connections.push(connection);
    });
  }

  latencyMs(): number {
    return (0.2 + 2 * this.#random.next()) * this.faults.slowness;
  }

  copiesOfMessage(): number {
    const { dropRate, duplicateRate } = this.faults;
    if (dropRate === 0 && duplicateRate === 0) return 1;
    if (this.#random.chance(dropRate)) return 0;
    return this.#random.chance(duplicateRate) ? 2 : 1;
  }
}

export interface Caller {
  /** The worker's end; undefined when the caller is gone meanwhile. */
  opened(connection: Connection): Endpoint<ManagerMessage> | undefined;
  failed(): void;
}
