/**
 * The simple commands in a piece of shell: words, quotes taken off. It knows as much of the shell's language as documentation
 * uses: quotes, comments, continued lines, pipes and lists, redirections, assignments before a command, `$(…)`.
 */

const PIECE =
  /[^\S\n]*(?:(?<comment>#[^\n]*)|(?<end>\n|&&|\|\|?|;|&|\$\(|[()])|(?<redirection>\d*(?:>>?|<)[^\S\n]*\S+)|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\|;&()<>])+))/gsu;

const QUOTED = /'(?<single>[^']*)'|"(?<double>(?:\\.|[^"\\])*)"|\\(?<escaped>.)|(?<plain>[^'"\\]+)/gs;

const ASSIGNMENT = /^[A-Za-z_]\w*=/;

export function commandsOf(shell: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const { groups = {} } of shell.replace(/\\\n\s*/g, " ").matchAll(PIECE)) {
    if (groups["end"] !== undefined) commands.push([]);
    else if (groups["word"] !== undefined) commands.at(-1)?.push(unquoted(groups["word"]));
  }
  return commands.map(withoutAssignments).filter((words) => words.length > 0);
}

function withoutAssignments(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !ASSIGNMENT.test(word));
  return first === -1 ? [] : words.slice(first);
}

function unquoted(word: string): string {
  return [...word.matchAll(QUOTED)]
    .map(({ groups = {} }) => {
      const { single, double, escaped, plain } = groups;
      return single ?? double?.replace(/\\(.)/g, "$1") ?? escaped ?? plain ?? "";
    })
    .join("");
}
