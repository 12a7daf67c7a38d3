/** The notes to the tests that a page has before its blocks. */
import type { Block } from "./markdown.ts";

/**
 * `terminal`: where it is typed. `file`: the name under which readers save it. `form`: what it is, where it is no task. `not
 * run`: why it is neither typed nor checked.
 */
export type Note = Partial<Readonly<Record<"terminal" | "file" | "form" | "not run", string>>>;

const NOTE = /^(terminal|file|form|not run): (.+)$/;

/** Comments that are no notes to a block are left out. */
export function noteOf({ notes }: Block): Note {
  const entries = notes.flatMap((text) => {
    const [, kind, value] = NOTE.exec(text) ?? [];
    return kind === undefined ? [] : [[kind, value]];
  });
  return Object.fromEntries(entries) as Note;
}

/** The commands that a page takes for granted: each runs in a terminal of its own before its first block. */
export function setUpOf(page: string): readonly string[] {
  return [...page.matchAll(/^<!-- before: (.+) -->$/gm)].map(([, command = ""]) => command);
}

/** An image that a page has from a registry, which the tests do not: the sample service stands in for it, listening on this port. */
export interface StandIn {
  readonly repo: string;
  readonly tag: string;
  readonly port: string;
}

/** `<!-- stand-ins: redis:8 on 6379, example/shop:1.4 on 8080 -->` */
export function standInsOf(page: string): readonly StandIn[] {
  const lists = [...page.matchAll(/^<!-- stand-ins: (.+) -->$/gm)].map(([, list = ""]) => list);
  return lists
    .flatMap((list) => list.split(", "))
    .map((text) => {
      const [, repo, tag, port] = /^(\S+):(\S+) on (\d+)$/.exec(text) ?? [];
      if (repo === undefined || tag === undefined || port === undefined) throw new Error(`"${text}" is no stand-in`);
      return { repo, tag, port };
    });
}
