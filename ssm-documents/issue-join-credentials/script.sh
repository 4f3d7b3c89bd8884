# issue-join-credentials: a bootstrap token of 24 hours, replaced when half of that is left. Older tokens end soon after.
cluster_name=${SSM_ClusterName:?is required}
export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"
readonly secret="${cluster_name}/join" lifetime_hours=24 minimum_seconds=43200
# A worker that has read the old token may still join with it: longer than join-node may run.
readonly old_token_minutes=30 description='stepkube workers'

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
    kubeadm token create --ttl "${lifetime_hours}h" --description "$description" --print-join-command >"$command"
    sed -n -E "s/.*--token ([a-z0-9.]+) .*--discovery-token-ca-cert-hash (sha256:[0-9a-f]+).*/{\"endpoint\":\"${endpoint}\",\"token\":\"\1\",\"caCertHash\":\"\2\",\"expiresAt\":\"${expires_at}\"}/p" "$command" >"$stored"
  )
  [[ -s $stored ]] || fail 'kubeadm printed no join command'
  put_secret "$secret" "$stored"
  log "join credentials issued, valid until ${expires_at}"
}

# end_older_tokens ID: every other token for workers ends within half an hour; the token cleaner deletes it then. Prints no secret.
end_older_tokens() {
  local ends_at name told expiration
  ends_at=$(date -u -d "+${old_token_minutes} minutes" +%FT%TZ)
  kubectl get secrets --namespace kube-system --field-selector type=bootstrap.kubernetes.io/token --request-timeout 20s \
    -o 'jsonpath={range .items[*]}{.metadata.name}{" "}{.data.description}{" "}{.data.expiration}{"\n"}{end}' >"${work}/tokens"
  while read -r name told expiration; do
    [[ $name != "bootstrap-token-$1" && $(base64 -d <<<"$told") == "$description" ]] || continue
    (($(seconds_left "$(base64 -d <<<"$expiration")") > old_token_minutes * 60)) || continue
    quietly kubectl patch secret "$name" --namespace kube-system --type merge --request-timeout 20s \
      --patch "{\"stringData\":{\"expiration\":\"${ends_at}\"}}"
    log "the token ${name#bootstrap-token-} ends at ${ends_at}"
  done <"${work}/tokens"
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
  local token
  token=$(json_field token "${work}/current.json")
  end_older_tokens "${token%%.*}"
}

main
