/**
 * Puts a note into a Linux program (ELF, 64 bit, little-endian), which finds it in its own memory when it runs. That is how
 * Node looks for the application that it is to be, and no tool of its own release puts it there.
 *
 * The note goes to the end of the file, and with it a longer copy of the table of segments: two more are needed, one that
 * loads the note and one that names it. Nothing that was there moves.
 */

const HEADER = { tableOffset: 32, entryBytes: 54, entryCount: 56 } as const;
const ENTRY = { type: 0, flags: 4, offset: 8, address: 16, physical: 24, fileBytes: 32, memoryBytes: 40, align: 48 };
const TYPE = { load: 1, note: 4, table: 6 } as const;
const READABLE = 4;
const ENTRY_BYTES = 56;
/** The largest page of the machines it runs on (arm64). */
const PAGE_BYTES = 65_536;
const NOTE_HEADER_BYTES = 12;

/** Throws when it is no such program. */
export function addElfNote(program: Buffer, name: string, content: Uint8Array): Buffer {
  const table = segmentTable(program);
  const loads = table.filter((segment) => segment.readUInt32LE(ENTRY.type) === TYPE.load);
  const [first] = loads;
  if (first === undefined) throw new Error("the program has no segment that is loaded");
  // Older kernels tell a program that its table is as far from its beginning in memory as it is in the file.
  const base = read(first, ENTRY.address) - read(first, ENTRY.offset);
  const end =
    Math.max(...loads.map((segment) => read(segment, ENTRY.address) + read(segment, ENTRY.memoryBytes))) - base;
  const offset = roundUp(Math.max(program.length, end), PAGE_BYTES);

  const tableBytes = (table.length + 2) * ENTRY_BYTES;
  const note = elfNote(name, content);
  const added = { offset, address: base + offset, bytes: tableBytes + note.length };
  const loading = newSegment(TYPE.load, added, PAGE_BYTES);
  const naming = newSegment(
    TYPE.note,
    { offset: offset + tableBytes, address: base + offset + tableBytes, bytes: note.length },
    4,
  );
  for (const segment of table) {
    if (segment.readUInt32LE(ENTRY.type) === TYPE.table) place(segment, { ...added, bytes: tableBytes });
  }
  // Loaded segments are listed by address, and this is the highest.
  const last = table.lastIndexOf(loads.at(-1) ?? first);
  const header = Buffer.from(program.subarray(0, 64));
  header.writeBigUInt64LE(BigInt(offset), HEADER.tableOffset);
  header.writeUInt16LE(table.length + 2, HEADER.entryCount);
  return Buffer.concat([
    header,
    program.subarray(64),
    Buffer.alloc(offset - program.length),
    ...table.slice(0, last + 1),
    loading,
    ...table.slice(last + 1),
    naming,
    note,
  ]);
}

/** Copies of the entries. */
function segmentTable(program: Buffer): Buffer[] {
  const isElf = program.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
  if (!isElf || program.readUInt16LE(HEADER.entryBytes) !== ENTRY_BYTES) {
    throw new Error("this is no 64-bit, little-endian ELF program");
  }
  const offset = read(program, HEADER.tableOffset);
  return Array.from({ length: program.readUInt16LE(HEADER.entryCount) }, (_, index) => {
    const start = offset + index * ENTRY_BYTES;
    return Buffer.from(program.subarray(start, start + ENTRY_BYTES));
  });
}

interface Place {
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

function newSegment(type: number, at: Place, align: number): Buffer {
  const segment = Buffer.alloc(ENTRY_BYTES);
  segment.writeUInt32LE(type, ENTRY.type);
  segment.writeUInt32LE(READABLE, ENTRY.flags);
  segment.writeBigUInt64LE(BigInt(align), ENTRY.align);
  place(segment, at);
  return segment;
}

function place(segment: Buffer, { offset, address, bytes }: Place): void {
  const fields = [
    [ENTRY.offset, offset],
    [ENTRY.address, address],
    [ENTRY.physical, address],
    [ENTRY.fileBytes, bytes],
    [ENTRY.memoryBytes, bytes],
  ] as const;
  for (const [field, value] of fields) segment.writeBigUInt64LE(BigInt(value), field);
}

function elfNote(name: string, content: Uint8Array): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const header = Buffer.alloc(NOTE_HEADER_BYTES);
  header.writeUInt32LE(nameBytes.length, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, padded(nameBytes), padded(content)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], roundUp(bytes.length, 4));
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function read(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}
