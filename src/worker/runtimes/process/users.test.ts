import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lookUpUser } from "./users.ts";

const directory = mkdtempSync(join(tmpdir(), "birdman-users-"));
const files = { passwd: join(directory, "passwd"), group: join(directory, "group") };
writeFileSync(files.passwd, "root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1002:Web:/srv/web:/bin/false\n");
writeFileSync(files.group, "root:x:0:\nweb:x:1002:\nlogs:x:77:web\n");
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["web", { uid: 1001, gid: 1002, home: "/srv/web" }],
  ["1001", { uid: 1001, gid: 1002, home: "/srv/web" }],
  ["web:logs", { uid: 1001, gid: 77, home: "/srv/web" }],
  ["web:5", { uid: 1001, gid: 5, home: "/srv/web" }],
  ["4242:77", { uid: 4242, gid: 77, home: "/" }],
  ["4242", { uid: 4242, gid: 4242, home: "/" }],
])("%s is %j", (text, user) => {
  expect(lookUpUser(text, files)).toEqual(user);
});

test.each([
  ["nobody-at-all", 'there is no user "nobody-at-all"'],
  ["web:nothing", 'there is no group "nothing"'],
  [":logs", 'there is no user ""'],
  ["99999999999", 'there is no user "99999999999"'],
])("%s is refused by name", (text, message) => {
  expect(() => lookUpUser(text, files)).toThrow(message);
});
