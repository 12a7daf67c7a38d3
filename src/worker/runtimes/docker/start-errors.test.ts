import { describe, expect, test } from "vitest";
import { requestOf } from "../../../../test/support/instances.ts";
import { StartError, type StartErrorCode } from "../runtime.ts";
import { EngineError } from "./engine-error.ts";
import { startError } from "./start-errors.ts";

const REQUEST = requestOf({ image: "shop:1" });

const RUNC =
  "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";

/** What engines really answered: status, text, and what a user is to read instead. */
const CASES: readonly (readonly [number, string, StartErrorCode, string])[] = [
  [
    400,
    `${RUNC}exec: "nosuch": executable file not found in $PATH: unknown`,
    "command",
    "there is no program nosuch in image shop:1",
  ],
  [
    500,
    'runc: runc create failed: unable to start container process: exec: "/no/such": stat /no/such: no such file or directory: OCI runtime attempted to invoke a command that was not found',
    "command",
    "there is no program /no/such in image shop:1",
  ],
  [
    400,
    `${RUNC}exec: "/etc": permission denied: unknown`,
    "command",
    "/etc in image shop:1 cannot be executed: it is a folder, or not marked as executable",
  ],
  [400, "No command specified", "command", "image shop:1 does not say what to run: give a command"],
  [
    500,
    "driver failed programming external connectivity on endpoint x (edd5): Error starting userland proxy: listen tcp4 127.0.0.1:20011: bind: address already in use",
    "ports",
    "port 20011 is already in use at 127.0.0.1 of this node: choose another, or none for a free one",
  ],
  [
    500,
    "driver failed programming external connectivity on endpoint x (0fe6): Bind for 127.0.0.1:20012 failed: port is already allocated",
    "ports",
    "port 20012 is already in use at 127.0.0.1 of this node: choose another, or none for a free one",
  ],
  [
    500,
    "cannot listen on the TCP port: listen tcp4 127.0.0.1:20011: bind: address already in use",
    "ports",
    "port 20011 is already in use at 127.0.0.1 of this node: choose another, or none for a free one",
  ],
  [
    500,
    "failed to set up container networking: driver failed programming external connectivity on endpoint x (0): failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use",
    "ports",
    "port 80 is already in use at 0.0.0.0 of this node: choose another, or none for a free one",
  ],
  [
    500,
    "Error starting userland proxy: listen tcp4 10.99.99.99:20013: bind: cannot assign requested address",
    "ports",
    "port 20013 cannot be published at 10.99.99.99: this node has no such address",
  ],
  [500, "unable to find user foo: no matching entries in passwd file", "spec", "image shop:1 has no user foo"],
  [500, "unable to find group bar: no matching entries in group file", "spec", "image shop:1 has no group bar"],
  [
    400,
    'invalid mount config for type "bind": bind source path does not exist: /srv/none',
    "spec",
    "there is no /srv/none on this node: volumes can only be made of paths that exist",
  ],
  [
    400,
    'create a b: "a b" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
    "spec",
    '"a b" is no name of a volume: letters, digits and _ . - are allowed, and a host path begins with /',
  ],
  [
    400,
    "Minimum memory limit allowed is 6MB",
    "spec",
    "the memory limit is too small: the engine allows no less than 6MB",
  ],
  [
    400,
    "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
    "spec",
    "the engine can limit cpu to between 0.01 and 2.00 cores",
  ],
  [
    400,
    "invalid reference format: repository name must be lowercase",
    "spec",
    '"shop:1" is no name of an image: invalid reference format: repository name must be lowercase',
  ],
  [
    400,
    "the working directory 'relative' is invalid, it needs to be an absolute path",
    "spec",
    "the working directory relative has to be an absolute path",
  ],
  [
    400,
    "Cannot mkdir: /bin/sh is not a directory",
    "spec",
    "the working directory /bin/sh is no folder in image shop:1",
  ],
  [
    500,
    "mkdir /var/lib/docker/overlay2/x: no space left on device",
    "engine",
    "the engine's disk is full: make room (docker system prune), or move its data",
  ],
  [400, "something new about the request", "spec", "the engine cannot start it: something new about the request"],
  [500, `${RUNC}something new: unknown`, "engine", "the engine cannot start it: something new"],
];

describe("why a start failed", () => {
  test.each(CASES)("%i %s", (...[status, text, code, message]) => {
    const error = startError(new EngineError("answered", text, { status }), REQUEST);
    expect(error).toBeInstanceOf(StartError);
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
    expect(error.cause).toBeInstanceOf(EngineError);
  });

  test("silence is the engine's trouble", () => {
    const error = startError(new EngineError("timeout", "the engine did not answer"), REQUEST);
    expect(error).toMatchObject({ code: "engine", message: "the engine did not answer" });
  });

  test("what is explained already is left as it is", () => {
    const explained = new StartError("image", "no such image");
    expect(startError(explained, REQUEST)).toBe(explained);
  });

  test("a programmer's error is none of these", () => {
    expect(() => startError(new TypeError("undefined is not a function"), REQUEST)).toThrow(TypeError);
  });
});
