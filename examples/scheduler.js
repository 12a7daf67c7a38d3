/**
 * A scheduler of one's own: `birdman manager --scheduler ./examples/scheduler.js`.
 *
 * This one keeps the bill low: of the nodes that can take a task, it takes the one whose hours cost least
 * (`birdman worker --label price=0.12`), and among equally dear ones the emptiest. Tasks labelled `gpu=true` go to
 * nodes labelled so, and those nodes are kept for them.
 *
 * The functions are called for every node at every placement: they must be quick, change nothing they are given, and
 * answer at once. One that throws, or answers something else, takes that node out of the decision, and
 * `birdman explain TASK` says why. Whether they keep to all that, `birdman check-scheduler ./examples/scheduler.js` finds
 * out.
 *
 * `task` has `name`, `labels` and `resources`. `node` has `name`, `labels`, `runtimes`, `position` (in the order of
 * joining, from 0), `capacity`, `reserved`, `use` (the larger of reserved and measured) and `tasks`, `taskNames`,
 * `taskLabels` (how many in all, by name, and by label written `key=value`, the latter two as Maps). `cluster` has
 * `nodes`, `nodesUp`, `next` (the position after the node picked last) and `maxJobs`. Resources are
 * `{ cpu, memory, disk }` in cores, bytes and bytes.
 */

/** Shown wherever the scheduler is named. */
export const name = "cheapest";

/** Besides Birdman's own, by name. Each answers true, or why the task cannot run on this node. */
export const filters = {
  gpu(task, node) {
    const wants = task.labels.gpu === "true";
    const has = node.labels.gpu === "true";
    if (wants === has) return true;
    return wants
      ? "needs a node with a GPU, this one has none"
      : "needs a node without a GPU, this one is kept for others";
  },
};

/** Lower is better. Called with (task, node, cluster); answers a finite number, alone or with the terms it is made of. */
export function cost(task, node) {
  const price = Number(node.labels.price ?? 1);
  const load = node.capacity.cpu > 0 ? (node.use.cpu + task.resources.cpu) / node.capacity.cpu : 0;
  return { cost: price + load / (1 + load) / 1000, terms: { price, load } };
}
