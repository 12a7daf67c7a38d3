import { Argument, type Command } from "commander";
import { SHELL_SCRIPTS, SHELLS, type Shell } from "../completion/shell-scripts.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";

export function configure(command: Command, context: Context): void {
  command
    .addArgument(new Argument("<shell>", "the shell that shall complete birdman's command lines").choices(SHELLS))
    .addHelpText(
      "after",
      examples([
        ["source <(birdman completion bash)", "in this shell; in ~/.bashrc for every one"],
        [
          "birdman completion bash > ~/.local/share/bash-completion/completions/birdman",
          "the same where the package bash-completion is installed",
        ],
        ['birdman completion zsh > "${fpath[1]}/_birdman"', "for zsh, where its compinit runs"],
        ["birdman completion fish > ~/.config/fish/completions/birdman.fish", "for fish"],
      ]),
    )
    .action((shell: Shell) => void context.stdout.write(SHELL_SCRIPTS[shell]));
}
