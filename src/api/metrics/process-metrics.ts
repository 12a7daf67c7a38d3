/** The figures of this process: CPU, memory, handles, garbage collection, and how late its event loop is. */
import { collectDefaultMetrics, Registry } from "prom-client";

/** How often the event loop is asked to be on time; its delay is measured from one time to the next. A finer step costs an idle process more. */
const EVENT_LOOP_STEP_MS = 50;

let registry: Registry | undefined;

/** One for all servers of the process: its observers cannot be taken off again. */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_STEP_MS });
  }
  return registry;
}
