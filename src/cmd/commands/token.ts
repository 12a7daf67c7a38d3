import { appendFileSync } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import { SCOPES, createToken, isScope, type Scope } from "../../api/access.ts";
import type { Context } from "../context.ts";
import { CommandError, messageOf, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, ListOption, option, type DisplayOptions } from "../options.ts";
import { didYouMean } from "../suggest.ts";
import { printDocument } from "../terminal/print.ts";

interface TokenOptions extends DisplayOptions {
  readonly scope?: readonly (readonly Scope[])[];
  readonly tokenFile?: string;
}

/** Whoever can read a token's digest cannot use it, but need not know of it either. */
const FILE_MODE = 0o600;

export function configure(command: Command, context: Context): void {
  command
    .usage("create [options]")
    .command("create")
    .description("make a token, which is shown once")
    .addOption(new ListOption("--scope <scopes>", `what it is good for: ${SCOPES.join(", ")}`, parseScopes))
    .addOption(option("--token-file <file>", "the file to add it to; the servers that use it need no restart"))
    .addHelpText(
      "after",
      examples([
        ["birdman token create --scope read,write --token-file tokens", "for people and programs"],
        ["birdman token create --scope node --token-file tokens", "for workers"],
      ]),
    )
    .action(async ({ scope, tokenFile, output }: TokenOptions) => {
      if (scope === undefined) throw new UsageError(`say what the token is good for with --scope ${SCOPES.join(",")}`);
      const { token, line } = createToken(scope.flat(), context.now());
      if (tokenFile === undefined && output === "table") {
        context.stderr.write(`birdman: add this line to the file that --token-file names:\n${line}\n`);
      } else if (tokenFile !== undefined) add(line, tokenFile);
      if (output === "table") context.stdout.write(`${token}\n`);
      else await printDocument(context, output, { token, line });
    });
  for (const each of command.commands) addDisplayOptions(each);
}

function add(line: string, file: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: FILE_MODE });
  } catch (error) {
    throw new CommandError(`cannot add to --token-file: ${messageOf(error)}`);
  }
}

function parseScopes(text: string): Scope[] {
  const words = text.split(",");
  const unknown = words.find((word) => !isScope(word));
  if (unknown === undefined) return words.filter(isScope);
  throw new InvalidArgumentError(
    `There is no scope '${unknown}'${didYouMean(unknown, SCOPES)}; there are ${SCOPES.join(", ")}.`,
  );
}
