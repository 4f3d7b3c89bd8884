#!/usr/bin/env bash
# usage: reaper.sh FOLDER <PIPE
# Ends what a twin leaves behind that dies without stopping (SIGKILL, the machine's memory): the twin holds the other end of the pipe and
# writes a line before it stops by itself. Everything that it starts works inside of its folder.
folder=$1
trap '' HUP INT TERM
cd /
if read -r _; then exit 0; fi
for link in /proc/[0-9]*/cwd; do
  target=$(readlink "$link" 2>/dev/null) || continue
  if [[ $target == "$folder" || $target == "$folder"/* ]]; then
    pid=${link#/proc/}
    kill -KILL "${pid%/cwd}" 2>/dev/null
  fi
done
rm -rf -- "$folder"
