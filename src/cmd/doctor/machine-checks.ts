/** The machine itself: the Node that runs this, how many files it may open, which control groups it has. */
import { readFileSync } from "node:fs";
import packageFile from "../../../package.json" with { type: "json" };
import { parseCgroupMounts } from "../../stats/cgroup.ts";
import { warning, failure, well, type Finding } from "./finding.ts";

/** A connection for each worker and each reader, a few files for each task. */
const FILES_WANTED = 4096;

export function checkNode(version = process.versions.node): Finding {
  const wanted = /\d+/.exec(packageFile.engines.node)?.[0] ?? "";
  const detail = `Node ${version}`;
  if (Number.parseInt(version, 10) >= Number(wanted)) return well("node", detail);
  return failure("node", detail, `Install Node ${wanted} or newer, or use the executable that brings its own.`);
}

/** `limits`: the text of `/proc/self/limits`. */
export function checkOpenFiles(limits = readFileSync("/proc/self/limits", "utf8")): Finding {
  const hard = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1] ?? "unlimited";
  const detail = `up to ${hard} open files`;
  if (hard === "unlimited" || Number(hard) >= FILES_WANTED) return well("open files", detail);
  return warning(
    "open files",
    detail,
    `Allow ${String(FILES_WANTED)} or more: LimitNOFILE= in a systemd unit, --ulimit nofile= of a container, else ulimit -n.`,
  );
}

/** `mountinfo`: the text of `/proc/self/mountinfo`. */
export function checkCgroups(mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): Finding {
  const mounts = parseCgroupMounts(mountinfo);
  const controllers = mounts.filter(({ version }) => version === 1).flatMap((mount) => mount.controllers);
  const missing = ["cpu", "memory"].filter((controller) => !controllers.includes(controller));
  if (missing.length === 0) return well("cgroups", "version 1");
  if (mounts.some(({ version }) => version === 2)) return well("cgroups", "version 2");
  return warning(
    "cgroups",
    `none for ${missing.join(" and ")}`,
    "Mount the control groups: without them limits do not hold and use is not measured.",
  );
}
