# shellcheck shell=bash
# Completion for bash: source <(./stepkube completion bash)
# The command that is being typed says itself what may follow; where it knows nothing, bash completes file names.
_stepkube() {
  local program=${1/#\~/$HOME} line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("${line%%$'\t'*}") # a description follows the tab
  done < <("$program" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _stepkube stepkube
