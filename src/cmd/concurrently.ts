/** Requests under way at a time: enough to hide the way there, few enough to open few connections. */
const CONCURRENCY = 16;

/** Does the same for every item, some at a time; the outcomes are in the order of the items. */
export async function settleAll<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const outcomes: PromiseSettledResult<Result>[] = [];
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    outcomes.push(...(await Promise.allSettled(items.slice(start, start + CONCURRENCY).map(act))));
  }
  return outcomes;
}
