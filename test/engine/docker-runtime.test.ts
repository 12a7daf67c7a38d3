/** The docker runtime on a Docker engine. */
import { startDockerd } from "../support/engines.ts";
import { describeContainerRuntime } from "./container-runtime.suite.ts";

describeContainerRuntime({ name: "docker", startEngine: async () => startDockerd(), tellsOutOfMemory: true });
