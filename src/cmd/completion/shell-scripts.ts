/**
 * What a shell loads to complete our command lines. All knowledge is on our side: the shell hands over the words up to the
 * cursor and shows what comes back. The program is called as it was typed, so that a checkout's `bin/birdman` works too.
 */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The answer where the names of files are wanted, which the shell knows best. */
export const FILES = ":files";

/** The command that the scripts call. */
export const COMPLETE_COMMAND = "__complete";

const BASH = `# bash completion of birdman
_birdman() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" ${COMPLETE_COMMAND} bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ \${COMPREPLY[0]} == ${FILES} ]]; then
    COMPREPLY=()
    compopt -o default
  fi
}
complete -F _birdman birdman
`;

const ZSH = `#compdef birdman
# zsh completion of birdman
_birdman() {
  local -a found
  found=("\${(@f)$("\${words[1]}" ${COMPLETE_COMMAND} zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == ${FILES} ]]; then
    _files
  elif [[ -n $found[1] ]]; then
    _describe birdman found
  fi
}
if [[ $funcstack[1] == _birdman ]]; then
  _birdman "$@"
else
  compdef _birdman birdman
fi
`;

const FISH = `# fish completion of birdman
function __birdman_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] ${COMPLETE_COMMAND} fish -- $words[2..-1] "$current" 2>/dev/null)
    if test "$found[1]" = ${FILES}
        __fish_complete_path "$current"
    else
        printf '%s\\n' $found
    end
end
complete -c birdman -f -a '(__birdman_complete)'
`;

export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
