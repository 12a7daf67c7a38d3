/** The docker runtime on Podman's socket. */
import { startPodman } from "../support/engines.ts";
import { describeContainerRuntime } from "./container-runtime.suite.ts";

describeContainerRuntime({
  name: "docker (on Podman)",
  startEngine: async () => startPodman(),
  tellsOutOfMemory: false,
});
