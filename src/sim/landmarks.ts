/** The rare cases that a sweep must have come upon, or it has proved little. Each is counted where it is seen to happen. */
export const LANDMARKS = {
  managerKilledBeforeCommit: "manager killed before its commit was durable",
  managerKilledAfterCommit: "manager killed when its commit was durable and nobody knew yet",
  managerKilledAmongEffects: "manager killed between two effects",
  workerKilledBeforeCommit: "worker killed before its commit was durable",
  workerKilledAfterCommit: "worker killed when its commit was durable and nothing done yet",
  workerKilledAmongEffects: "worker killed between two effects",
  machineRebooted: "machine rebooted",
  machineRebootedWithoutManager: "machine rebooted and its tasks restarted while the manager was away",
  engineCrashed: "engine crashed",
  engineHung: "engine hung",
  answerLost: "a container was started and the answer got lost",
  managerReadOnly: "manager's disk full: only reads served",
  leaseKeptReadOnly: "lease of a worker kept while the manager's disk was full",
  workerDiskFull: "worker's disk full: it waited",
  storeRestored: "manager's store restored from a backup",
  rollbackNoticed: "rolled-back store noticed by a higher epoch",
  attemptOvertaken: "higher attempt than the rolled-back store knew taken over",
  taskRecovered: "forgotten task adopted from a worker's report",
  localTaskAdopted: "task started on a worker adopted",
  leaseReleased: "worker ended a task itself since its lease had run out",
  guardStopped: "guard found the lease over and stopped what ran",
  guardKilledWithoutEngine: "guard killed what an engine that did not answer would not stop",
  nodeLost: "node lost, and its tasks placed elsewhere",
  brakeOn: "manager suspected itself and placed nothing again",
  instanceSuperseded: "connection of an older worker process superseded",
  gapNoticed: "gap in the numbers of frames closed a connection",
  lateDelivery: "message of an old connection arrived while a new one was in use",
  refusalMade: "node refused a task",
  taskRescheduled: "failed attempt placed again",
  taskMoved: "task moved or restarted on request: stopped, confirmed, placed",
  resultRepeated: "result reported again",
  replacedAttemptStopped: "replaced attempt stopped on a node that came back",
  stopWhileAway: "stop requested while the node was away",
  stopDuringStart: "task stopped while it was being started",
  nodeRemoved: "node removed that was down",
  nodeReturnedAfterRemoval: "removed node came back",
  containerRemovedByStranger: "container removed behind Birdman's back",
  containerStartedByStranger: "container started behind Birdman's back",
  healthRestart: "unhealthy task restarted",
  listAccepted: "long list accepted, to enter the queue slice by slice",
  submissionRepeated: "submission repeated with its idempotency key",
  replyLost: "manager died with a request unanswered",
} as const;

export type Landmark = keyof typeof LANDMARKS;

export class Landmarks {
  readonly counts = new Map<Landmark, number>();

  saw(landmark: Landmark): void {
    this.counts.set(landmark, (this.counts.get(landmark) ?? 0) + 1);
  }

  add(others: Landmarks): void {
    for (const [landmark, count] of others.counts) {
      this.counts.set(landmark, (this.counts.get(landmark) ?? 0) + count);
    }
  }
}
