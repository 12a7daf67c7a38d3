import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFiles } from "../../test/support/temporary-files.ts";
import { addElfNote } from "./elf-note.ts";

const file = temporaryFiles();
/** Any program will do that is there and prints what it is told to. */
const PROGRAM = "/bin/echo";

interface Note {
  readonly type: number;
  readonly name: string;
  readonly content: string;
}

/** The notes that a program finds by its table of segments, as Node does. */
function notesOf(program: Buffer): Note[] {
  const offset = Number(program.readBigUInt64LE(32));
  const entries = Array.from({ length: program.readUInt16LE(56) }, (_, index) => program.subarray(offset + index * 56));
  return entries
    .filter((entry) => entry.readUInt32LE(0) === 4)
    .map((entry) => {
      const note = program.subarray(Number(entry.readBigUInt64LE(8)));
      const [nameBytes, contentBytes] = [note.readUInt32LE(0), note.readUInt32LE(4)];
      const content = 12 + Math.ceil(nameBytes / 4) * 4;
      return {
        type: note.readUInt32LE(8),
        name: note.subarray(12, 12 + nameBytes - 1).toString(),
        content: note.subarray(content, content + contentBytes).toString(),
      };
    });
}

test("the program runs as before, and has the note where its segments say", () => {
  const before = readFileSync(PROGRAM);
  const after = addElfNote(before, "A_NOTE", Buffer.from("some content"));
  expect(notesOf(after)).toEqual([...notesOf(before), { type: 0, name: "A_NOTE", content: "some content" }]);
  copyFileSync(PROGRAM, file("echo"));
  writeFileSync(file("echo"), after);
  expect(execFileSync(file("echo"), ["still here"], { encoding: "utf8" })).toBe("still here\n");
});

test("it can be done to a program again", () => {
  const once = addElfNote(readFileSync(PROGRAM), "FIRST", Buffer.from("1"));
  const twice = addElfNote(once, "SECOND", Buffer.from("22"));
  expect(notesOf(twice).slice(-2)).toMatchObject([{ name: "FIRST" }, { name: "SECOND" }]);
  copyFileSync(PROGRAM, file("twice"));
  writeFileSync(file("twice"), twice);
  expect(execFileSync(file("twice"), ["x"], { encoding: "utf8" })).toBe("x\n");
});

test("what is no program is refused", () => {
  expect(() => addElfNote(Buffer.from("#!/bin/sh\necho hello, here I am\n".repeat(4)), "N", Buffer.of(1))).toThrow(
    "no 64-bit, little-endian ELF program",
  );
});
