/** A command's page for `man`, in the macros that every roff knows (man(7)). */
import type { CommandGroup, CommandPage, Remark } from "./command-pages.ts";

export interface ManPage {
  /** `birdman-node.1` */
  readonly file: string;
  readonly text: string;
}

/** The page of the program, and one for each command. */
export function manPages(groups: readonly CommandGroup[], version: string): ManPage[] {
  const pages = groups.flatMap((group) => group.pages);
  return [overview(groups, version), ...pages.map((page) => pageOf(page, version))];
}

function overview(groups: readonly CommandGroup[], version: string): ManPage {
  const lists = groups.flatMap(({ title, pages }) => [
    `.SS ${text(title)}`,
    ...pages.flatMap((page) => [".TP", `\\fB${text(manName(page.name))}\\fR(1)`, text(page.summary)]),
  ]);
  const lines = [
    ...head("birdman", "schedules, runs and watches tasks on many machines", version),
    ".SH SYNOPSIS",
    "\\fBbirdman\\fR \\fICOMMAND\\fR [options]",
    ".SH COMMANDS",
    ...lists,
    ...EXIT_STATUS,
    ".SH FILES",
    ".TP",
    "$XDG_CONFIG_HOME/birdman/contexts.json",
    "the clusters that 'birdman context' knows; by default below ~/.config",
  ];
  return { file: "birdman.1", text: `${lines.join("\n")}\n` };
}

const EXIT_STATUS = [
  ".SH EXIT STATUS",
  ...[
    ["0", "done"],
    ["1", "refused or failed"],
    ["2", "wrong usage, nothing was tried"],
    ["3", "the manager cannot be reached"],
  ].flatMap(([status = "", what = ""]) => [".TP", status, what]),
];

function pageOf(page: CommandPage, version: string): ManPage {
  const name = manName(page.name);
  const all = page.subcommands.length === 0 ? [page] : page.subcommands;
  const lines = [
    ...head(name, page.summary, version),
    ".SH SYNOPSIS",
    ...all.flatMap(({ usage }, index) => [...(index === 0 ? [] : [".br"]), `\\fB${text(usage)}\\fR`]),
    ...all.flatMap((each) => descriptionOf(each, page)),
    ...page.remarks.flatMap(remarkOf),
    ...EXIT_STATUS,
    ".SH SEE ALSO",
    "\\fBbirdman\\fR(1)",
  ];
  return { file: `${name}.1`, text: `${lines.join("\n")}\n` };
}

function head(name: string, summary: string, version: string): string[] {
  return [
    `.TH ${name.toUpperCase()} 1 "" "birdman ${version}" "Birdman"`,
    ".SH NAME",
    `${text(name)} \\- ${text(summary)}`,
  ];
}

function descriptionOf(page: CommandPage, whole: CommandPage): string[] {
  const isPart = page !== whole;
  return [
    ...(isPart ? [`.SH ${text(page.name.toUpperCase())}`, text(page.summary)] : []),
    ...(page.arguments.length === 0 ? [] : [isPart ? ".SS Arguments" : ".SH ARGUMENTS"]),
    ...page.arguments.flatMap(({ term, description }) => [".TP", `\\fI${text(term)}\\fR`, text(description)]),
    ...(isPart || page.options.length === 0 ? [] : [".SH OPTIONS"]),
    ...page.options.flatMap(({ title, options }) => [
      `.SS ${text(title)}`,
      ...options.flatMap(({ term, description, variable }) => [
        ".TP",
        `\\fB${text(term)}\\fR`,
        text(description),
        ...(variable === undefined ? [] : [`(environment: ${text(variable)})`]),
      ]),
    ]),
    ...(isPart ? page.remarks.flatMap(remarkOf) : []),
  ];
}

function remarkOf(remark: Remark): string[] {
  switch (remark.kind) {
    case "examples":
      return [
        ".SH EXAMPLES",
        ...remark.examples.flatMap(({ line, what }) => [".TP", `\\fB${text(line)}\\fR`, text(what)]),
      ];
    case "preformatted":
      return [".SH NOTES", ".nf", ...remark.text.split("\n").map(text), ".fi"];
    case "paragraph":
      return [".SH NOTES", text(remark.text.replaceAll("\n", " "))];
  }
}

function manName(name: string): string {
  return name.replaceAll(" ", "-");
}

/** Without what roff takes for a command: a backslash anywhere, a dot or a quote at the beginning, a hyphen that is no minus. */
function text(plain: string): string {
  const escaped = plain
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(
      /[^\x00-\x7f]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
