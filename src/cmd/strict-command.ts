/** A command that never guesses: every wrong word is a UsageError that says which ones there are. */
import { Command, type ErrorOptions } from "commander";
import { UsageError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";

/** What commander says of a word that is none of the choices. */
const CHOICE = /'([^']*)' is invalid(?: for argument '[^']*')?\. Allowed choices are (.*?)(?=\.$)/;

export class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  /** Everything that commander finds wrong with a command line comes through here. */
  override error(message: string, options?: ErrorOptions): never {
    const what = message.replace(/^error: /, "").replace(/\n\(Did you mean (.*)\?\)$/, " (did you mean $1?)");
    throw new UsageError([this.#elaborate(what, options?.code), this.#seeAlso()].join("\n"));
  }

  #elaborate(what: string, code: string | undefined): string {
    switch (code) {
      case "commander.unknownOption":
        return `${what}; options: ${this.options.map(({ long, short }) => long ?? short ?? "").join(", ")}`;
      case "commander.unknownCommand":
        return `${what}; commands: ${this.#subcommandNames().join(", ")}`;
      case "commander.excessArguments":
        return this.#excess();
      case "commander.invalidArgument":
        return what.replace(
          CHOICE,
          (all, word: string, choices: string) => all + didYouMean(word, choices.split(", ")),
        );
      default:
        return what;
    }
  }

  /** The first word too many; where a command has subcommands, it was meant as one of them. */
  #excess(): string {
    const word = this.args[this.registeredArguments.length] ?? "";
    if (this.registeredArguments.length > 0 || !(this.parent?.parent instanceof StrictCommand)) {
      return `unexpected argument '${word}'; usage: ${this.#path()} ${this.usage()}`;
    }
    const siblings = (this.parent as StrictCommand).#subcommandNames();
    return `unknown command '${word}'${didYouMean(word, siblings)}; commands: ${siblings.join(", ")}`;
  }

  #subcommandNames(): string[] {
    return this.createHelp()
      .visibleCommands(this)
      .map((command) => command.name());
  }

  #seeAlso(): string {
    return `See '${this.#path()} --help'.`;
  }

  #path(): string {
    return this.parent instanceof StrictCommand ? `${this.parent.#path()} ${this.name()}` : this.name();
  }
}
