#!/usr/bin/env bash
# A kubectl for tests: records each call in the folder `calls` beside it, then answers as the files in `answers` say.
# <number>.words: the first words of the calls that <number>.out, <number>.err and <number>.exit answer.
folder=$(dirname "$0")
call=$(mktemp -d "${folder}/calls/XXXXXX")
printf '%s' "$*" >"${call}/args"
env >"${call}/env"
printf '%s' "$KUBECONFIG" >"${call}/path"
stat -c %a "$KUBECONFIG" >"${call}/mode"
cat "$KUBECONFIG" >"${call}/text"
for words in "${folder}"/answers/*.words; do
  [[ -f $words && $* == "$(<"$words")"* ]] || continue
  answer=${words%.words}
  cat "${answer}.out"
  cat "${answer}.err" >&2
  exit "$(<"${answer}.exit")"
done
