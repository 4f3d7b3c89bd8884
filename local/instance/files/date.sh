#!/usr/bin/env bash
# date by the twin's clock, which may be ahead of this machine's: `now` and times relative to it are moved, others are not.
set -euo pipefail

ahead=${SHIM_CLOCK_AHEAD_SECONDS:-0}
if [[ $ahead == 0 ]]; then exec "${BASH_SOURCE[0]%/*}/real-date" "$@"; fi
real() { "${BASH_SOURCE[0]%/*}/real-date" "$@"; }
now=$(($(real +%s) + ahead))
given="@${now}"
arguments=()
while (($# > 0)); do
  if [[ $1 == -d ]]; then
    case $2 in
      [+-]*) given="$(real -u -d "@${now}" '+%F %TZ') ${2:0:1} ${2:1}" ;;
      *) given=$2 ;;
    esac
    shift 2
  else
    arguments+=("$1")
    shift
  fi
done
real -d "$given" "${arguments[@]}"
