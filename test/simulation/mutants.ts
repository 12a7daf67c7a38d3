/**
 * Ways to break the cores on purpose, one at a time: each takes away something that a promise rests on, and the simulator
 * must find each. A mutant is a replacement of one piece of source text, which must occur exactly once in its file.
 */
export interface Mutant {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "reports of a replaced attempt count for the current one",
    file: "manager/core/reports.ts",
    find: "if (report.attempt < task.attempt) {",
    replace: "if (report.attempt < 0) {",
  },
  {
    name: "answers leave before the commit",
    file: "sim/sim-host.ts",
    find: "else this.#commit(effects);",
    replace:
      "else { this.#parts.carryOut(effects, this.#isAlive); this.#commit({ ...effects, replies: [], messages: [], commands: [], closes: [] }); }",
  },
  {
    name: "the lease counts from the receipt of the acknowledgement",
    file: "worker/core/conversation.ts",
    find: "prolongLease(step, sentMono)",
    replace: "prolongLease(step, step.now.mono)",
  },
  {
    name: "a worker does not mind its lease",
    file: "worker/core/releasing.ts",
    find: "if (state.leased.size === 0 || hasLease(state, now.mono)) return;",
    replace: "if (now.mono >= 0 || hasLease(state, now.mono)) return;",
  },
  {
    name: "what must not run twice is placed again as soon as its node is lost",
    file: "manager/core/liveness.ts",
    find: "return surelyStoppedMs(settings.leaseMs, spec.stopTimeoutMs);",
    replace: "return surelyStoppedMs(settings.leaseMs, spec.stopTimeoutMs) * 0;",
  },
  {
    name: "the guard is never told",
    file: "worker/core/state.ts",
    find: "const guard = this.#isLeaseNews ? this.#guard() : undefined;",
    replace: "const guard = undefined as GuardOrder | undefined;",
  },
  {
    name: "a hello does not say everything",
    file: "worker/core/conversation.ts",
    find: "items: [...state.entries.values()].map((entry) => itemOf(entry, specs)),",
    replace: "items: [],",
  },
  {
    name: "a rolled-back store kills what it has forgotten",
    file: "manager/core/reports.ts",
    find: "if (task === undefined && !hasEnded(item.task)) {",
    replace:
      'if (task === undefined && !hasEnded(item.task)) return stop(item, "unknown");\n  if (task === undefined && !hasEnded(item.task)) {',
  },
  {
    name: "the attempt keeps its number when it is placed again",
    file: "task/lifecycle.ts",
    find: "attempt: task.attempt + 1,",
    replace: "attempt: Math.max(1, task.attempt),",
  },
  {
    name: "the manager's ledger keeps what has ended",
    file: "manager/core/apply.ts",
    find: "if (!had.strays.has(key)) had.ledger.release(key);",
    replace: "if (had.strays.has(key)) had.ledger.release(key);",
  },
  {
    name: "a gap in the worker's frames is ignored",
    file: "manager/core/sessions.ts",
    find: "if (frame.rev !== session.received + 1) {",
    replace: "if (frame.rev < 0) {",
  },
  {
    name: "a gap in the manager's frames is ignored",
    file: "worker/core/conversation.ts",
    find: "if (frame.rev !== link.received + 1) {",
    replace: "if (frame.rev < 0) {",
  },
  {
    name: "a result is given up once it is reported",
    file: "worker/core/conversation.ts",
    find: "link.told(now.mono);",
    replace:
      'link.told(now.mono);\n  for (const entry of [...state.entries.values()]) if (entry.phase.kind === "ended") discard(step, entry);',
  },
  {
    name: "exit code 0 is a failure",
    file: "worker/core/runs.ts",
    find: 'if (exit?.exitCode === 0 && policy !== "always") {',
    replace: 'if (exit?.exitCode === -1 && policy !== "always") {',
  },
  {
    name: "stop orders are not given again to a worker that comes back",
    file: "manager/core/reports.ts",
    find: 'return order === "stop" ? stop(report, task.reason) : undefined;',
    replace: "return undefined;",
  },
  {
    name: "assignments are taken before stops",
    file: "worker/core/conversation.ts",
    find: "for (const order of frame.stop) takeStop(step, link, order);",
    replace:
      "for (const assignment of frame.assign) takeAssignment(step, link, assignment);\n  for (const order of frame.stop) takeStop(step, link, order);",
  },
  {
    name: "a worker admits more than its machine has",
    file: "worker/core/admission.ts",
    find: "const [first] = state.ledger.shortfalls({ resources: spec.resources, ports: spec.ports });",
    replace:
      "const [first] = state.ledger.shortfalls({ resources: { cpu: 0, memory: 0, disk: 0 }, ports: spec.ports });",
  },
  {
    name: "a worker forgets what it read back",
    file: "worker/core/reconcile.ts",
    find: "if (found?.running === true) {\n    for (const",
    replace: "if (found?.running === undefined) {\n    for (const",
  },
  {
    name: "a stop is not made durable by the manager",
    file: "manager/core/apply.ts",
    find: "before.desired !== next.desired ||",
    replace: "",
  },
  {
    name: "an unknown item is not adopted",
    file: "manager/core/reports.ts",
    find: "apply.task(adopted(fresh, { nodeId: node.id, attempt: item.attempt, origin, reason }));",
    replace:
      "if (apply.now.mono >= 0) return undefined;\n    apply.task(adopted(fresh, { nodeId: node.id, attempt: item.attempt, origin, reason }));",
  },
];
