/**
 * Container engines, a registry and an image for the tests, made from Debian packages alone. Each engine has a directory,
 * a socket and a network of its own, several run side by side, and none is the machine's own engine.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import Docker from "dockerode";
import { ensurePrograms } from "./packages.ts";
import { Sandbox } from "./sandbox.ts";

const run = promisify(execFile);

/** The image that every engine here has: busybox, and nothing else. */
export const BUSYBOX = "busybox:local";

export interface TestEngine {
  /** `unix:///…/engine.sock` */
  readonly dockerHost: string;
  readonly docker: Docker;
  /** Removes all its containers, ends it and removes its directory. */
  readonly stop: () => Promise<void>;
}

export interface TestDockerd extends TestEngine {
  /** Ends the engine with SIGKILL; with `liveRestore` its containers run on. */
  readonly kill: () => Promise<void>;
  /** Starts it again after `kill`. */
  readonly startAgain: () => Promise<void>;
  /** The words before a command that is to run where the engine's networks are; none where that is the machine's own. */
  readonly enterNetwork: () => readonly string[];
  /** Runs a command where the engine's networks are, and resolves to what it prints. */
  readonly inNetwork: (command: readonly string[]) => Promise<string>;
  /** Makes it hang: it accepts connections and answers nothing. */
  readonly suspend: () => void;
  readonly resume: () => void;
}

export interface DockerdOptions {
  /** Containers run on while the engine is away. */
  readonly liveRestore?: boolean;
  /**
   * `bridge`: a default network on a bridge of the engine's own. `none`: no default network, and all that the engine makes
   * is in a network namespace of its own, which `inNetwork` reaches.
   */
  readonly network?: "bridge" | "none";
}

/**
 * A Docker engine. Rejects when it cannot be installed or does not start.
 *
 * It never runs with `--bridge=none` among the machine's own interfaces: an engine that starts that way deletes `docker0`,
 * whoever it belongs to.
 */
export async function startDockerd({
  liveRestore = false,
  network = "bridge",
}: DockerdOptions = {}): Promise<TestDockerd> {
  await ensurePrograms({
    dockerd: "docker.io",
    ip: "iproute2",
    unshare: "util-linux",
    busybox: "busybox-static",
    tar: "tar",
  });
  const sandbox = await Sandbox.open("docker");
  return orClose(sandbox, async () => {
    const socketPath = sandbox.path("engine.sock");
    const docker = new Docker({ socketPath, host: undefined });
    if (network === "bridge") await run("ip", ["link", "add", sandbox.bridge, "type", "bridge"]);
    const directories = ["--data-root", sandbox.path("data"), "--exec-root", sandbox.path("exec")];
    const networking = [
      "--iptables=false",
      "--ip-masq=false",
      "--bridge",
      network === "bridge" ? sandbox.bridge : "none",
    ];
    const args = [
      "-H",
      `unix://${socketPath}`,
      "--pidfile",
      sandbox.path("dockerd.pid"),
      ...directories,
      ...networking,
    ];
    if (liveRestore) args.push("--live-restore");
    const apart = ["--net", "sh", "-c", 'ip link set lo up; exec "$0" "$@"', "dockerd", ...args];
    const answers = () => docker.ping();
    const launch = () =>
      network === "bridge"
        ? sandbox.run({ command: "dockerd", args, answers })
        : sandbox.run({ command: "unshare", args: apart, answers });
    let daemon = await launch();
    await importBusybox(sandbox, docker);
    const enterNetwork = (): readonly string[] =>
      network === "bridge" ? [] : ["nsenter", "--net", "--target", String(daemon.pid)];
    return {
      dockerHost: `unix://${socketPath}`,
      docker,
      enterNetwork,
      inNetwork: async (command) => {
        const [program = "", ...rest] = [...enterNetwork(), ...command];
        return (await run(program, rest)).stdout;
      },
      stop: async () => {
        daemon.kill("SIGCONT");
        await sandbox.close();
      },
      kill: async () => {
        if (daemon.exitCode !== null || daemon.signalCode !== null) return;
        const exited = once(daemon, "exit");
        daemon.kill("SIGKILL");
        await exited;
      },
      startAgain: async () => {
        for (const left of ["exec/containerd/containerd.pid", "dockerd.pid", "engine.sock"]) {
          await rm(sandbox.path(left), { force: true });
        }
        daemon = await launch();
      },
      suspend: () => void daemon.kill("SIGSTOP"),
      resume: () => void daemon.kill("SIGCONT"),
    };
  });
}

export interface PodmanOptions {
  /** `127.0.0.1:PORT` of a registry without TLS. */
  readonly insecureRegistry?: string;
}

/** Podman behind its Docker-compatible socket. Rejects when it cannot be installed or does not start. */
export async function startPodman({ insecureRegistry }: PodmanOptions = {}): Promise<TestEngine> {
  await ensurePrograms({
    podman: "podman",
    conmon: "conmon",
    runc: "runc",
    busybox: "busybox-static",
    tar: "tar",
    iptables: "iptables",
    "../lib/podman/netavark": "netavark",
    "../lib/podman/aardvark-dns": "aardvark-dns",
  });
  const sandbox = await Sandbox.open("podman");
  const socketPath = sandbox.path("engine.sock");
  const docker = new Docker({ socketPath, host: undefined });
  const config = sandbox.path("containers.conf");
  // Limits and cgroup driver of a machine without systemd and with few open files allowed.
  const lines = [
    "[containers]",
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    "[engine]",
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    `tmp_dir = "${sandbox.path("tmp")}"`,
    "[network]",
    `network_config_dir = "${sandbox.path("networks")}"`,
  ];
  const storage = [
    "[storage]",
    'driver = "overlay"',
    `graphroot = "${sandbox.path("data")}"`,
    `runroot = "${sandbox.path("run")}"`,
  ];
  const registries =
    insecureRegistry === undefined ? [] : ["[[registry]]", `location = "${insecureRegistry}"`, "insecure = true"];
  return orClose(sandbox, async () => {
    await writeFile(sandbox.path("registries.conf"), `${registries.join("\n")}\n`);
    await writeFile(config, `${lines.join("\n")}\n`);
    await writeFile(sandbox.path("storage.conf"), `${storage.join("\n")}\n`);
    await sandbox.run({
      command: "podman",
      args: ["system", "service", "--time", "0", `unix://${socketPath}`],
      env: {
        CONTAINERS_CONF: config,
        CONTAINERS_STORAGE_CONF: sandbox.path("storage.conf"),
        CONTAINERS_REGISTRIES_CONF: sandbox.path("registries.conf"),
      },
      answers: () => docker.ping(),
    });
    await importBusybox(sandbox, docker);
    return { dockerHost: `unix://${socketPath}`, docker, stop: () => sandbox.close() };
  });
}

export interface TestRegistry {
  /** `127.0.0.1:PORT`, to put before an image's name. */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

export interface RegistryOptions {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** A registry on loopback that lets in one user. Engines take it without TLS because it is on loopback. */
export async function startRegistry({ port, username, password }: RegistryOptions): Promise<TestRegistry> {
  await ensurePrograms({ "docker-registry": "docker-registry", htpasswd: "apache2-utils" });
  const sandbox = await Sandbox.open("registry");
  const address = `127.0.0.1:${String(port)}`;
  return orClose(sandbox, async () => {
    const { stdout } = await run("htpasswd", ["-Bbn", username, password]);
    await writeFile(sandbox.path("htpasswd"), stdout);
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: sandbox.path("data") } },
      http: { addr: address },
      auth: { htpasswd: { realm: "test", path: sandbox.path("htpasswd") } },
    };
    await writeFile(sandbox.path("config.yml"), JSON.stringify(config));
    await sandbox.run({
      command: "docker-registry",
      args: ["serve", sandbox.path("config.yml")],
      answers: () => fetch(`http://${address}/v2/`),
    });
    return { address, stop: () => sandbox.close() };
  });
}

/** Busybox and links to it, made into an image without any registry. */
async function importBusybox(sandbox: Sandbox, docker: Docker): Promise<void> {
  const [root, archive] = [sandbox.path("busybox"), sandbox.path("busybox.tar")];
  await mkdir(`${root}/bin`, { recursive: true });
  await mkdir(`${root}/usr`);
  await copyFile("/bin/busybox", `${root}/bin/busybox`);
  await chmod(`${root}/bin/busybox`, 0o755);
  const { stdout } = await run("busybox", ["--list"]);
  const applets = stdout.split("\n").filter((applet) => applet !== "" && applet !== "busybox");
  await Promise.all(applets.map((applet) => symlink("busybox", `${root}/bin/${applet}`)));
  await run("tar", ["-C", root, "-cf", archive, "."]);
  const answer = await docker.importImage(archive, { repo: BUSYBOX, changes: 'CMD ["sh"]' });
  for await (const _ of answer) continue;
  await docker.getImage(BUSYBOX).inspect();
}

/** Closes the sandbox when what is to be made in it fails. */
async function orClose<T>(sandbox: Sandbox, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
