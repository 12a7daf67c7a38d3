/**
 * The built-in filters that ask what a node has left: cores, bytes and ports. The ledger answers them; what is measured
 * on the node has no say, so that a node is never given more than it has.
 */
import { portName, type ResourceName } from "../node/ledger.ts";
import type { PortRequest } from "../task/spec.ts";
import { formatAtLeast, formatPair, ofResource } from "./amounts.ts";
import type { Candidate, Filter } from "./filter.ts";
import type { Rejection } from "./scheduler.ts";

export const cpu = resourceFilter("cpu");
export const memory = resourceFilter("memory");
export const disk = resourceFilter("disk");

export const ports: Filter = {
  name: "ports",
  asks: "tasks",
  concerns: (task) => task.fixedPorts.length > 0,
  passes: (task, node) => task.fixedPorts.every((port) => isFree(port, node)),
  explain(task, node) {
    const taken = task.fixedPorts.filter((port) => !isFree(port, node)).map(nameOf);
    const needs = taken.join(", ");
    const message =
      taken.length === 1 ? `needs port ${needs}, which is taken` : `needs ports ${needs}, which are taken`;
    return { filter: "ports", needs, has: "taken", message };
  },
  remedy(task, node) {
    const taken = task.fixedPorts.filter((port) => !isFree(port, node)).map(nameOf);
    const which = taken.length === 1 ? "port" : "ports";
    return { change: `${which} ${taken.join(", ")} free on ${node.view.name}`, size: 1 };
  },
};

function resourceFilter(what: ResourceName): Filter {
  return {
    name: what,
    asks: "resources",
    concerns: (task) => task.resources[what] > 0,
    passes: (task, { view }) => view.ledger.hasRoom(what, task.resources[what]),
    explain: (task, { view }) => shortOf(what, task.resources[what], view.ledger.free[what]),
    remedy(task, { view }) {
      const { free, capacity } = view.ledger;
      const missing = task.resources[what] - free[what];
      const more = what === "cpu" ? "more" : `more ${what}`;
      return { change: `${formatAtLeast(what, missing)} ${more} on ${view.name}`, size: missing / capacity[what] };
    },
  };
}

/** Why a node will not do that has so much left, which may be less than nothing. */
export function shortOf(what: ResourceName, needs: number, free: number): Rejection {
  const has = Math.max(0, free);
  const [needed, left] = formatPair(what, needs, has);
  const verb = left === "1 core" ? "is" : "are";
  return { filter: what, needs, has, message: `needs ${ofResource(what, needed)}, ${left} ${verb} free` };
}

function isFree({ host, protocol }: PortRequest, { view }: Candidate): boolean {
  return view.ledger.isPortFree(host, protocol);
}

function nameOf({ host, protocol }: PortRequest): string {
  return portName(host, protocol);
}
