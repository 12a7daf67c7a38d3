import type { CommandGroup, CommandPage, OptionGroup, Remark, Term } from "./command-pages.ts";

const HEAD = `# Commands

<!-- Written by npm run command-reference from the definitions of the commands; a test says when it is out of date. -->

What all of them have in common, such as where the value of a flag comes from, is in
[The command line](command-line.md).
`;

const COMMON_HEADING = "## Common options";

/** The reference of all commands as one page. What all that ask a manager have in common is said once. */
export function markdownOf(groups: readonly CommandGroup[]): string {
  const contents = groups.map(({ title, pages }) => {
    const rows = pages.map(({ name, summary }) => `- [\`${name}\`](#${anchorOf(name)}): ${escape(summary)}`);
    return `${title}:\n\n${rows.join("\n")}\n`;
  });
  const status = groups.flatMap((group) => group.pages).find(({ name }) => name === "birdman status");
  const common = (status?.options ?? []).map(({ title, options }) => ({
    title,
    options: options.filter(({ term }) => COMMON.some((flag) => term.includes(flag))),
  }));
  const shared = common.filter(({ options }) => options.length > 0);
  const head = [HEAD, ...contents, `${COMMON_HEADING}\n\n${COMMON_TEXT}\n`, ...shared.map(optionsOf)];
  const pages = groups.flatMap((group) => group.pages.map((page) => pageOf(page, { heading: "##", common: shared })));
  return [...head, ...pages].join("\n");
}

const COMMON = ["--manager", "--token", "--ca-cert", "--context", "--output", "--no-color", "--config", "--help"];
const COMMON_TEXT = "Of every command that asks a manager.";

interface Setting {
  readonly heading: string;
  readonly common: readonly OptionGroup[];
}

/** The options without the common ones, where the command has all of these. */
function ownOptions({ options }: CommandPage, common: readonly OptionGroup[]): readonly OptionGroup[] | undefined {
  const terms = new Set(options.flatMap((group) => group.options.map(({ term }) => term)));
  const shared = new Set(common.flatMap((group) => group.options.map(({ term }) => term)));
  if (!shared.isSubsetOf(terms)) return undefined;
  return options
    .map(({ title, options: all }) => ({ title, options: all.filter(({ term }) => !shared.has(term)) }))
    .filter((group) => group.options.length > 0);
}

function pageOf(page: CommandPage, { heading, common }: Setting): string {
  const own = ownOptions(page, common);
  const parts = [
    `${heading} ${page.name}\n`,
    `${sentence(page.summary)}\n`,
    ...(page.subcommands.length === 0 ? [`\`\`\`text\n${page.usage}\n\`\`\`\n`] : []),
    ...page.remarks.filter(({ kind }) => kind === "examples").map(remarkOf),
    ...(page.arguments.length === 0 ? [] : [termsOf("Argument", page.arguments)]),
    ...(own ?? page.options).map(optionsOf),
    ...(own === undefined ? [] : ["And the [common options](#common-options).\n"]),
    ...page.remarks.filter(({ kind }) => kind !== "examples").map(remarkOf),
    ...page.subcommands.map((each) => pageOf(each, { heading: `${heading}#`, common })),
  ];
  return parts.join("\n");
}

function termsOf(title: string, terms: readonly Term[]): string {
  const rows = terms.map(({ term, description }) => `| \`${term}\` | ${escape(description)} |`);
  return `| ${title} | |\n| --- | --- |\n${rows.join("\n")}\n`;
}

function optionsOf({ title, options }: OptionGroup): string {
  const rows = options.map(({ term, description, variable }) => {
    return `| \`${term}\` | ${escape(description)} | ${variable === undefined ? "" : `\`${variable}\``} |`;
  });
  return `| ${title} | | Environment |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

function remarkOf(remark: Remark): string {
  switch (remark.kind) {
    case "examples":
      return `\`\`\`sh\n${remark.examples.map(({ line, what }) => `# ${what}\n${line}`).join("\n")}\n\`\`\`\n`;
    case "preformatted":
      return `\`\`\`text\n${remark.text}\n\`\`\`\n`;
    case "paragraph":
      return `${escape(remark.text)}\n`;
  }
}

function sentence(text: string): string {
  return `${escape(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

/** What would be markup, or end a cell of a table. */
function escape(text: string): string {
  return text.replace(/[\\|<>*_`]/g, String.raw`\$&`);
}

function anchorOf(name: string): string {
  return name.replaceAll(" ", "-");
}
