/** Which of the node's ports a task is published on: chosen for the attempt, and kept over its restarts. */
import type { PortRequest } from "../../task/spec.ts";
import type { PortBinding } from "../../task/task.ts";
import type { Entry } from "./entry.ts";
import type { WorkerState } from "./state.ts";

/** Another choice for the ports that nobody fixed, after one of them turned out to be taken by a stranger. */
export function choosePortsAgain(state: WorkerState, entry: Entry): void {
  state.ledger.release(entry.key);
  state.ledger.reserve(entry.key, { resources: entry.spec.resources, ports: entry.spec.ports });
  entry.ports = choosePorts(state, entry, { wishes: false });
}

/** One for each port that the task asks for, held in the ledger. `wishes`: preferred ports are tried. */
export function choosePorts(state: WorkerState, entry: Entry, { wishes }: { readonly wishes: boolean }): PortBinding[] {
  return entry.spec.ports.map((request) => {
    const host = chooseHostPort(state, request, wishes);
    state.ledger.holdPort(entry.key, host, request.protocol);
    return {
      container: request.container,
      host,
      protocol: request.protocol,
      address: state.settings.publishAddress,
    };
  });
}

/** The port that was asked for; or a free one of the range, from a random place on, so that neighbours seldom collide. */
function chooseHostPort({ ledger, settings, random }: WorkerState, request: PortRequest, wishes: boolean): number {
  const { host, protocol, wish } = request;
  if (host !== 0 && (!wish || (wishes && ledger.isPortFree(host, protocol)))) return host;
  const [first, last] = settings.portRange;
  const size = last - first + 1;
  const offset = Math.floor(random() * size);
  for (let index = 0; index < size; index += 1) {
    const port = first + ((offset + index) % size);
    if (ledger.isPortFree(port, protocol)) return port;
  }
  return 0;
}
