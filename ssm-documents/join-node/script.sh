# join-node: can be repeated; a host that has joined is never reset.
cluster_name=${SSM_ClusterName:?is required}
readonly bootstrap="${rootfs}/etc/kubernetes/bootstrap-kubelet.conf"
readonly secret="${cluster_name}/join" identity="${rootfs}/etc/kubernetes/kubelet.conf"

# render_config CREDENTIALS: the kubeadm configuration; it holds the token.
render_config() {
  local endpoint token hash
  endpoint=$(json_field endpoint "$1")
  token=$(json_field token "$1")
  hash=$(json_field caCertHash "$1")
  render_file /etc/stepkube/kubeadm-join.yaml "ca_cert_hash=${hash}" "endpoint=${endpoint}" "token=${token}"
  node_registration
}

join() {
  local credentials="${work}/join.json" config="${work}/kubeadm-join.yaml"
  use_region
  read_secret "$secret" "$credentials" || fail "the secret ${secret} has no value yet: the control plane is not ready"
  (($(seconds_left "$(json_field expiresAt "$credentials")") > 0)) || fail 'the join credentials have expired'
  if [[ -e $bootstrap || -e ${rootfs}/etc/kubernetes/pki/ca.crt ]]; then
    quietly kubeadm reset --force
    log 'cleared a join that had not finished'
  fi
  (umask 077 && render_config "$credentials" >"$config")
  quietly kubeadm config validate --config "$config"
  quietly kubeadm join --config "$config"
  log "joined as $(node_name)"
}

main() {
  claim_host "$cluster_name"
  if [[ -s $identity ]]; then
    log 'this host is a member already'
  else
    join
  fi
  if ! systemctl is-active --quiet kubelet; then systemctl start kubelet; fi
  [[ -s $identity ]] || fail 'kubeadm left no kubelet identity'
  # An interrupted join may leave the token on the disk, although the node has an identity of its own.
  rm -f "$bootstrap"
  wait_until 60 'the kubelet' systemctl is-active --quiet kubelet
  verify_graceful_shutdown
  log 'the kubelet runs with its own identity'
}

main
