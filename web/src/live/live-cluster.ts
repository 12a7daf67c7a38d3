/**
 * The cluster as this page shows it, and the connection that keeps it so. Both belong to the page rather than to what is
 * rendered: they are begun before there is anything to be seen, since whatever is to be seen waits for them.
 */
import { Observable } from "../app/observable.ts";
import { Cluster } from "./cluster.ts";
import { keepLive, type LiveSource } from "./connection.ts";
import type { Connection } from "./values.ts";

export class LiveCluster {
  readonly cluster = new Cluster();
  readonly connection = new Observable<Connection>({ phase: "connecting" });
  #source: LiveSource | undefined;
  #left = new AbortController();

  /** Another source, of a client with another token, is a new connection; what is shown stays until that has told everything. */
  follow(source: LiveSource): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#left.abort();
    const left = new AbortController();
    this.#left = left;
    const changed = (connection: Connection): void => {
      if (!left.signal.aborted) this.connection.set(connection);
    };
    void keepLive({ cluster: this.cluster, source, changed }, left.signal);
  }
}
