# Completion for zsh: source <(./stepkube completion zsh)
# The command that is being typed says itself what may follow; where it knows nothing, zsh completes file names.
_stepkube() {
  local -a candidates
  local line program=${words[1]/#\~/$HOME}
  while IFS= read -r line; do
    line=${line//:/\\:} # _describe takes `value:description`
    candidates+=("${line/$'\t'/:}")
  done < <("$program" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#candidates} )); then _describe stepkube candidates; else _files; fi
}
(( ${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
compdef _stepkube stepkube
