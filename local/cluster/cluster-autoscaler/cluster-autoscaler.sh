#!/usr/bin/env bash
# The file of this name in the container image is the real program; here it is the twin's.
exec "${NODE}" "$(dirname "$(readlink --canonicalize "$0")")/main.ts" "$@"
