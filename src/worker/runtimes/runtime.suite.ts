/**
 * The contract of `Runtime`, as tests: every runtime runs this one suite. What a runtime cannot do by its nature is said
 * in `supports`, and the tests of it are left out; all the rest holds for all of them.
 *
 * A test file calls `describeRuntime` once. Each test gets a worker id of its own, so tests do not see each other's
 * instances, and whatever a test leaves is removed after it.
 */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe } from "vitest";
import { attachTests } from "./suite/attach.suite.ts";
import { commandTests } from "./suite/commands.suite.ts";
import { lifecycleTests } from "./suite/lifecycle.suite.ts";
import { logTests } from "./suite/logs.suite.ts";
import { noticeTests } from "./suite/notices.suite.ts";
import { portTests } from "./suite/ports.suite.ts";
import { TestBed, type RuntimeUnderTest } from "./suite/test-bed.suite.ts";
import { useTests } from "./suite/use.suite.ts";

export function describeRuntime(tested: RuntimeUnderTest): void {
  const { commands, use, ports } = tested.supports;
  const bed = new TestBed(tested);

  describe(`the ${tested.name} runtime`, () => {
    beforeEach(async () => bed.begin(randomUUID()));
    afterEach(async () => bed.end());

    lifecycleTests(bed);
    noticeTests(bed);
    if (commands) commandTests(bed);
    if (commands) attachTests(bed, tested.supports);
    if (commands) logTests(bed);
    if (use) useTests(bed);
    if (ports !== false) portTests(bed, ports.listen);
  });
}
