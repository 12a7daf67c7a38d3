/**
 * From what a user asked for to what `spawn` needs. All that can be refused without trying is refused here, with a
 * StartError that says what is wrong.
 *
 * The command sees nothing of the worker's own environment but the path, the home and the language.
 */
import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { environment } from "../../../task/spec.ts";
import { instanceName, StartError, type StartRequest } from "../runtime.ts";
import type { Launch } from "./instance-files.ts";
import { INSTANCE_VARIABLE } from "./session.ts";
import { lookUpUser, type User } from "./users.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function planLaunch(request: StartRequest): Launch {
  const { command = [], entrypoint = [], user, workingDir: cwd = "/", image } = request.spec.document;
  const argv = [...entrypoint, ...command];
  if (argv.length === 0) {
    const what = image === undefined ? "no command" : `an image (${image}) and no command`;
    throw new StartError("spec", `there is ${what}: the process runtime runs commands of the node itself`);
  }
  if (request.spec.volumes.length > 0) {
    throw new StartError("spec", "the process runtime has no volumes: the command sees the node's own files");
  }
  if (!isDirectory(cwd)) throw new StartError("spec", `the working directory ${cwd} is not there`);
  const runAs = user === undefined ? undefined : switchTo(user);
  return {
    argv,
    env: launchEnvironment(request, runAs?.home),
    cwd,
    ...(runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid }),
  };
}

/**
 * What the command finds in its environment. `PORT` is the first port to listen on and `PORT_7777` the one that stands for
 * port 7777; a task that chose its ports by `ports` listens there, whatever else its `env` says.
 */
export function launchEnvironment(request: StartRequest, home = userInfo().homedir): Record<string, string> {
  const { ref, taskName, nodeName, ports, spec } = request;
  const portVariables = ports.map(({ container, host }) => [`PORT_${String(container)}`, String(host)] as const);
  return {
    PATH: process.env["PATH"] ?? DEFAULT_PATH,
    HOME: home,
    LANG: process.env["LANG"] ?? "C.UTF-8",
    ...environment(spec.document),
    ...(ports[0] === undefined ? {} : { PORT: String(ports[0].host) }),
    // Where tcp and udp share a number, the first one in the spec names it.
    ...Object.fromEntries(portVariables.toReversed()),
    BIRDMAN_TASK_ID: ref.task,
    BIRDMAN_TASK_NAME: taskName,
    BIRDMAN_ATTEMPT: String(ref.attempt),
    BIRDMAN_NODE: nodeName,
    [INSTANCE_VARIABLE]: instanceName(ref),
  };
}

/** The user to become; undefined where the worker is that user already. */
function switchTo(text: string): User | undefined {
  let user: User;
  try {
    user = lookUpUser(text);
  } catch (error) {
    throw new StartError("spec", `cannot run as ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (process.getuid?.() === 0) return user;
  if (process.getuid?.() === user.uid && process.getgid?.() === user.gid) return undefined;
  throw new StartError("spec", `cannot run as ${text}: only a worker that is root can run a task as somebody else`);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** What went wrong in `spawn`, by the code of its error. */
export function launchError(launch: Launch, code: string, message: string): StartError {
  const program = launch.argv[0] ?? "";
  switch (code) {
    case "ENOENT":
      return new StartError(
        "command",
        `there is no program ${program} (or it is a script whose interpreter is not there)`,
      );
    case "EACCES":
      return new StartError("command", `${program} is not a program that may be run`);
    case "ENOEXEC":
    case "EISDIR":
    case "ENOTDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return new StartError("command", `${program} cannot be run: ${message}`);
    case "E2BIG":
      return new StartError("spec", "command and environment together are longer than the system allows");
    case "EPERM":
    case "EINVAL":
      return new StartError("spec", `the system refuses to run ${program}: ${message}`);
    default:
      return new StartError("engine", `cannot run ${program}: ${message}`);
  }
}
