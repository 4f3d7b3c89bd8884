#!/usr/bin/env bash
# Prepended to every script by assemble.ts. The shebang stays the first line: the agent starts scripts by `sh`.
set -Eeuo pipefail
shopt -s inherit_errexit # without it a failure inside $(...) goes unnoticed
umask 022

# Results and progress go to stdout, only failures to stderr: the agent keeps the first 8,000 characters of stderr.
log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$1"; }

fail() {
  printf '%s ERROR %s\n' "$(date -u +%FT%TZ)" "$1" >&2
  exit 1
}

# BASH_COMMAND is the text of the command before expansion, so no value can leak through it.
trap 'status=$?; printf "%s ERROR line %s: %s exited %s\n" "$(date -u +%FT%TZ)" "$LINENO" "$BASH_COMMAND" "$status" >&2' ERR

rootfs=${ROOTFS:-}
# What the agent hands down differs between its packages: as a snap it may have no HOME, and a PATH of its own.
export HOME=${HOME:-/root}
export PATH="${rootfs}/usr/local/sbin:${rootfs}/usr/local/bin:${PATH}:${rootfs}/usr/sbin:${rootfs}/usr/bin:${rootfs}/sbin:${rootfs}/bin"
work=$(mktemp -d) # mode 0700: rendered configuration and secrets live here and nowhere else
trap 'rm -rf "$work"' EXIT

# quietly COMMAND...: the output of a talkative command; only when it fails, its tail goes to stderr.
quietly() {
  local output status=0
  output=$(mktemp "${work}/output.XXXXXX")
  "$@" >"$output" 2>&1 || status=$?
  if ((status != 0)); then
    tail -n 30 "$output" >&2
    fail "'$1 ${2:-}' exited ${status}"
  fi
}

# write_file PATH MODE <CONTENT: writes only what differs; file_changed says whether it did.
# shellcheck disable=SC2034 # not every script asks
write_file() {
  local path="${rootfs}$1" mode=$2 fresh
  fresh=$(mktemp "${work}/file.XXXXXX")
  cat >"$fresh"
  file_changed=false
  if [[ -f $path ]] && cmp --silent "$fresh" "$path"; then return; fi
  install -D -m "$mode" "$fresh" "$path"
  file_changed=true
}

# download URL SHA256 PATH: PATH is there only when its content has the pinned checksum.
download() {
  local url=$1 sha256=$2 path=$3
  log "downloading ${url}"
  curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --connect-timeout 10 --max-time 300 \
    --retry 4 --output "$path" "$url" || fail "cannot download ${url}"
  printf '%s  %s\n' "$sha256" "$path" >"${path}.sha256"
  sha256sum --check --status "${path}.sha256" || fail "the download of ${url} does not have sha256 ${sha256}"
}

# metadata PATH: an entry of the instance metadata (IMDSv2).
metadata() {
  local base=http://169.254.169.254/latest header="${work}/metadata-header" token
  if [[ ! -s $header ]]; then # the longest lifetime: no document outlives its token
    token=$(curl --fail --silent --show-error --max-time 5 --retry 5 --request PUT \
      --header 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "${base}/api/token")
    printf 'X-aws-ec2-metadata-token: %s\n' "$token" >"$header"
  fi
  curl --fail --silent --show-error --max-time 5 --retry 5 --header "@${header}" "${base}/meta-data/$1" ||
    fail "cannot read the instance metadata ${1}"
}

# The name that the cloud controller manager looks instances up by. A VPC with several domains lists them all.
node_name() {
  local names
  names=$(metadata local-hostname)
  printf '%s' "${names%% *}"
}

use_region() {
  AWS_DEFAULT_REGION=$(metadata placement/region)
  export AWS_DEFAULT_REGION
}

# wait_until SECONDS WHAT COMMAND...: polls every 2 s.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "gave up waiting for ${what}"
    sleep 2
  done
}

# read_secret NAME PATH: fails (1) when the secret has no value yet.
read_secret() {
  local name=$1 path=$2 errors="${work}/secret-errors"
  if (umask 077 && aws secretsmanager get-secret-value --secret-id "$name" --query SecretString --output text \
    >"$path" 2>"$errors"); then
    return 0
  fi
  grep --quiet ResourceNotFoundException "$errors" || {
    cat "$errors" >&2
    fail "cannot read the secret ${name}"
  }
  return 1
}

# put_secret NAME PATH: the value travels by file, never by an argument that `ps` would show.
put_secret() {
  quietly aws secretsmanager put-secret-value --secret-id "$1" --secret-string "file://$2"
}

# json_field NAME PATH: a string of a flat JSON object that one of these scripts wrote.
json_field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2"; }

# seconds_left TIME: until an ISO 8601 time; negative when it has passed or is none.
seconds_left() {
  local end
  end=$(date -d "${1:-1970-01-01}" +%s 2>/dev/null) || end=0
  printf '%s' "$((end - $(date +%s)))"
}

readonly host_wait_seconds=300

# A host runs one document at a time: two executions may reach it together, and apt and kubeadm do not bear that. The
# kernel gives the lock back when the script ends, however it ends.
lock_host() {
  mkdir -p "${rootfs}/run"
  exec 9>>"${rootfs}/run/stepkube.lock"
  if flock -n 9; then return; fi
  log 'another document runs on this host: waiting for its end'
  flock -w "$host_wait_seconds" 9 ||
    fail "another document still runs on this host after ${host_wait_seconds} seconds: run this one again when it has ended"
}

# A host serves one cluster for its whole life.
claim_host() {
  local owner="${rootfs}/etc/stepkube/cluster"
  lock_host
  if [[ -s $owner && $(<"$owner") != "$1" ]]; then fail "this host belongs to cluster $(<"$owner"), not to $1"; fi
  write_file /etc/stepkube/cluster 0644 <<<"$1"
}

# node_registration: the nodeRegistration of both kubeadm configurations.
node_registration() {
  local name address instance_id zone
  name=$(node_name)
  address=$(metadata local-ipv4)
  instance_id=$(metadata instance-id)
  zone=$(metadata placement/availability-zone)
  cat <<YAML
nodeRegistration:
  name: ${name}
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs:
    - name: cloud-provider
      value: external
    - name: provider-id
      value: aws:///${zone}/${instance_id}
    - name: node-ip
      value: ${address}
    - name: image-credential-provider-config
      value: /etc/stepkube/credential-provider.yaml
    - name: image-credential-provider-bin-dir
      value: /usr/local/lib/kubelet-credential-providers
YAML
}

# fetch_manifests URI: the add-ons' manifests, unpacked into ${work}/addons.
fetch_manifests() {
  quietly aws s3 cp "$1" "${work}/addons.zip"
  quietly unzip -q -o "${work}/addons.zip" -d "${work}/addons"
}
