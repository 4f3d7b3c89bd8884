# issue-join-credentials: a bootstrap token of 24 hours, replaced when less than half of that is left.
cluster_name=${SSM_ClusterName:?is required}
export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"
readonly secret="${cluster_name}/join" lifetime_hours=24 minimum_seconds=43200

# are_fresh PATH ENDPOINT: whether the stored credentials are for this cluster and valid for long enough.
are_fresh() {
  local token known
  [[ $(json_field endpoint "$1") == "$2" ]] || return 1
  (($(seconds_left "$(json_field expiresAt "$1")") > minimum_seconds)) || return 1
  token=$(json_field token "$1")
  # Compares the public ids only: the list also holds the secrets of all tokens.
  known=$(kubeadm token list | awk -F. 'NR > 1 { print $1 }')
  [[ -n $token ]] && grep --quiet --line-regexp "${token%%.*}" <<<"$known"
}

issue() {
  local endpoint=$1 command="${work}/join-command" stored="${work}/join.json" expires_at
  expires_at=$(date -u -d "+${lifetime_hours} hours" +%FT%TZ)
  (
    umask 077
    kubeadm token create --ttl "${lifetime_hours}h" --description 'stepkube workers' --print-join-command >"$command"
    sed -n -E "s/.*--token ([a-z0-9.]+) .*--discovery-token-ca-cert-hash (sha256:[0-9a-f]+).*/{\"endpoint\":\"${endpoint}\",\"token\":\"\1\",\"caCertHash\":\"\2\",\"expiresAt\":\"${expires_at}\"}/p" "$command" >"$stored"
  )
  [[ -s $stored ]] || fail 'kubeadm printed no join command'
  put_secret "$secret" "$stored"
  log "join credentials issued, valid until ${expires_at}"
}

main() {
  local endpoint
  [[ -s $KUBECONFIG ]] || fail 'this host is not a control plane: run init-control-plane first'
  claim_host "$cluster_name"
  use_region
  endpoint="$(metadata local-ipv4):6443"
  if read_secret "$secret" "${work}/current.json" && are_fresh "${work}/current.json" "$endpoint"; then
    log 'join credentials are fresh'
    return
  fi
  issue "$endpoint"
  read_secret "$secret" "${work}/current.json" || fail "the secret ${secret} has no value"
  are_fresh "${work}/current.json" "$endpoint" || fail 'the stored join credentials do not open this cluster'
}

main
