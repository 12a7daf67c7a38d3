import { describeRuntime } from "../runtime.suite.ts";
import { createHollowRuntime } from "./hollow-runtime.ts";

describeRuntime({
  name: "hollow",
  create: async (workerId) => createHollowRuntime({ workerId }),
  document: () => ({ runtime: "hollow" }),
  supports: { commands: false, terminals: false, adoption: true, ports: false, logTimes: false, use: false },
});
