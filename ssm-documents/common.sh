#!/usr/bin/env bash
# assemble.ts puts this in front of every script. The shebang must be the first line: the agent starts scripts by `sh`.
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
# The environment differs between packages of the agent: the snap has no HOME and a PATH of its own.
export HOME=${HOME:-/root}
export PATH="${rootfs}/usr/local/sbin:${rootfs}/usr/local/bin:${PATH}:${rootfs}/usr/sbin:${rootfs}/usr/bin:${rootfs}/sbin:${rootfs}/bin"
work=$(mktemp -d) # mode 0700: rendered configuration and secrets live here and nowhere else
trap 'rm -rf "$work"' EXIT

# quietly COMMAND...: discards the command's output; if it fails, the end of the output goes to stderr.
quietly() {
  local output status=0
  output=$(mktemp "${work}/output.XXXXXX")
  "$@" >"$output" 2>&1 || status=$?
  if ((status != 0)); then
    tail -n 30 "$output" >&2
    fail "'$1 ${2:-}' exited ${status}"
  fi
}

# write_file PATH MODE <CONTENT: writes the file only if it differs, and sets file_changed to true or false.
# shellcheck disable=SC2034 # not every script reads file_changed
write_file() {
  local path="${rootfs}$1" mode=$2 fresh
  fresh=$(mktemp "${work}/file.XXXXXX")
  cat >"$fresh"
  file_changed=false
  if [[ -f $path ]] && cmp --silent "$fresh" "$path"; then return; fi
  install -D -m "$mode" "$fresh" "$path"
  file_changed=true
}

# render_file PATH [NAME=VALUE...]: prints one of the document's files with a value for each ${NAME}. A value may be any text:
# it is inserted as it is and not read again.
render_file() {
  local path=$1 text rendered='' name
  local -A values=()
  shift
  for name; do values[${name%%=*}]=${name#*=}; done
  text=$(file_content "$path")
  [[ -n $text ]] || fail "this document has no file ${path}"
  while [[ $text == *"\${"*'}'* ]]; do
    rendered+=${text%%"\${"*}
    text=${text#*"\${"}
    name=${text%%'}'*}
    [[ -v values[$name] ]] || fail "${path}: \${${name}} has no value"
    rendered+=${values[$name]}
    text=${text#*'}'}
  done
  printf '%s\n' "${rendered}${text}"
}

# install_file PATH MODE [NAME=VALUE...]: writes one of the document's files to its path.
install_file() {
  local path=$1 mode=$2
  shift 2
  render_file "$path" "$@" >"${work}/rendered"
  write_file "$path" "$mode" <"${work}/rendered"
}

# download URL SHA256 PATH: fails unless the content has the pinned checksum.
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
  if [[ ! -s $header ]]; then # the longest lifetime that exists: longer than any document runs
    token=$(curl --fail --silent --show-error --max-time 5 --retry 5 --request PUT \
      --header 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "${base}/api/token")
    printf 'X-aws-ec2-metadata-token: %s\n' "$token" >"$header"
  fi
  curl --fail --silent --show-error --max-time 5 --retry 5 --header "@${header}" "${base}/meta-data/$1" ||
    fail "cannot read the instance metadata ${1}"
}

# The private DNS name, by which the cloud controller manager finds instances. A VPC with several domains has several names.
node_name() {
  local names
  names=$(metadata local-hostname)
  printf '%s' "${names%% *}"
}

use_region() {
  AWS_DEFAULT_REGION=$(metadata placement/region)
  export AWS_DEFAULT_REGION
}

# wait_until SECONDS WHAT COMMAND...: repeats the command every 2 s until it succeeds; WHAT is for the error message.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "gave up waiting for ${what}"
    sleep 2
  done
}

# read_secret NAME PATH: returns 1 if the secret has no value yet.
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

# put_secret NAME PATH: the value comes from a file, because `ps` shows arguments.
put_secret() {
  quietly aws secretsmanager put-secret-value --secret-id "$1" --secret-string "file://$2"
}

# json_field NAME PATH: prints a string of a flat JSON object that one of these scripts has written.
json_field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2"; }

# seconds_left TIME: prints the seconds until an ISO 8601 time; negative if it has passed or is not a time.
seconds_left() {
  local end
  end=$(date -d "${1:-1970-01-01}" +%s 2>/dev/null) || end=0
  printf '%s' "$((end - $(date +%s)))"
}

readonly host_wait_seconds=300

# A host runs one document at a time, because apt and kubeadm fail when two executions run them together. The kernel releases
# the lock when the script ends, however it ends.
lock_host() {
  mkdir -p "${rootfs}/run"
  exec 9>>"${rootfs}/run/stepkube.lock"
  if flock -n 9; then return; fi
  log 'another document runs on this host: waiting for its end'
  flock -w "$host_wait_seconds" 9 ||
    fail "another document still runs on this host after ${host_wait_seconds} seconds: run this one again when it has ended"
}

# claim_host CLUSTER: locks the host and records its cluster. A host belongs to one cluster for its whole life.
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
  render_file /etc/stepkube/node-registration.yaml "node_name=${name}" "address=${address}" \
    "instance_id=${instance_id}" "zone=${zone}"
}

# fetch_manifests URI: unpacks the add-ons' manifests into ${work}/addons.
fetch_manifests() {
  quietly aws s3 cp "$1" "${work}/addons.zip"
  quietly unzip -q -o "${work}/addons.zip" -d "${work}/addons"
}

# apply_addon FOLDER: applies the manifests of an add-on; prints only how many objects there are.
apply_addon() {
  local output="${work}/applied"
  kubectl apply --server-side --force-conflicts --field-manager stepkube --kustomize "${work}/addons/$1" \
    >"$output" 2>&1 || {
    tail -n 30 "$output" >&2
    fail "cannot apply $1"
  }
  log "$1: $(grep --count ' serverside-applied$' "$output") objects as wanted"
}

# unready_pods NAMESPACE RESOURCE: names of the pods of a Deployment, DaemonSet or StatefulSet that are not ready.
unready_pods() {
  local selector
  # Labels as JSON, {"a":"b","c":"d"}, of which neither names nor values have one of these characters.
  selector=$(kubectl get "$2" --namespace "$1" --request-timeout 10s --output 'jsonpath={.spec.selector.matchLabels}' |
    tr -d '{}"' | tr ':' '=') || return 0
  kubectl get pods --namespace "$1" --selector "$selector" --request-timeout 10s --no-headers \
    --output 'custom-columns=NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status' |
    awk '$2 != "True" { print $1 }'
}

# explain_rollout NAMESPACE RESOURCE: why its pods are not ready, as far as they say it themselves. The agent keeps 8,000 characters.
explain_rollout() {
  local pod
  for pod in $(unready_pods "$1" "$2" | head -n 2); do
    printf '== pod %s\n' "$pod"
    kubectl get pod "$pod" --namespace "$1" --request-timeout 10s --output \
      'jsonpath={range .status.containerStatuses[*]}{.name}{" restarts "}{.restartCount}{" "}{.state}{" "}{.lastState}{"\n"}{end}' |
      tail -c 800
    printf '== its log\n'
    kubectl logs "$pod" --namespace "$1" --all-containers --tail 15 --request-timeout 10s | tail -c 1200
    printf '== the log of its previous containers\n'
    kubectl logs "$pod" --namespace "$1" --all-containers --previous --tail 15 --request-timeout 10s | tail -c 1200
  done
}

# rolled_out NAMESPACE RESOURCE TIMEOUT
rolled_out() {
  if kubectl rollout status "$2" --namespace "$1" --timeout "$3" >"${work}/rollout" 2>&1; then return; fi
  tail -n 5 "${work}/rollout" >&2
  explain_rollout "$1" "$2" >&2 2>/dev/null || true
  fail "$2 in ${1} is not ready after $3"
}

# The kubelet holds a shutdown up only if logind grants the whole grace; otherwise it runs without, and pods die with the host.
holds_shutdown_up() { systemd-inhibit --list --no-pager --no-legend | grep --quiet '^kubelet .* delay$'; }

verify_graceful_shutdown() {
  wait_until 30 'the kubelet to hold a shutdown up until its pods have ended (systemd-inhibit --list)' holds_shutdown_up
}
