# init-control-plane: creates the control plane. An interrupted creation starts from nothing while there is no data; with data it is
# repeated over what exists, because kubeadm's phases can be repeated.
cluster_name=${SSM_ClusterName:?is required}
pod_cidr=${SSM_PodCidr:?is required}
service_cidr=${SSM_ServiceCidr:?is required}
issuer_bucket=${SSM_IssuerBucket:?is required}
issuer_url=${SSM_IssuerUrl:?is required}
manifests_uri=${SSM_ManifestsUri:?is required}
export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"
readonly config=/etc/stepkube/kubeadm-init.yaml created=/etc/stepkube/control-plane-created
readonly kubeconfig_validity=2160h renew_before_seconds=2592000 # 90 days, renewed in the last 30

render_config() {
  local address=$1 name
  name=$(node_name)
  render_file "$config" "address=${address}" "cluster_name=${cluster_name}" "issuer_url=${issuer_url}" \
    "kubernetes_version=${kubernetes_version}" "node_name=${name}" "pod_cidr=${pod_cidr}" "service_cidr=${service_cidr}"
  node_registration
}

# The preflight errors that an interrupted `kubeadm init` causes, and whose objects the next run takes over.
leftovers() {
  local component
  printf 'Port-6443,Port-10250,Port-10257,Port-10259,Port-2379,Port-2380,DirAvailable--var-lib-etcd'
  for component in kube-apiserver kube-controller-manager kube-scheduler etcd; do
    printf ',FileAvailable--etc-kubernetes-manifests-%s.yaml' "$component"
  done
}

readonly kubernetes_folder="${rootfs}/etc/kubernetes" etcd_data="${rootfs}/var/lib/etcd/member/snap/db"

# repair_pki: a kill or a power loss between two writes leaves pairs that are torn, which kubeadm never repairs. What authorities
# have signed can be made again; authorities and the key of the service accounts cannot, because the data relies on them.
repair_pki() {
  local pki="${kubernetes_folder}/pki" name file
  for name in ca front-proxy-ca etcd/ca; do
    for file in "${name}.crt" "${name}.key"; do
      [[ -s ${pki}/${file} ]] || fail "etcd has data, and /etc/kubernetes/pki/${file} is missing or empty: restore it from a backup"
    done
  done
  [[ -s ${pki}/sa.key ]] || fail 'etcd has data, and /etc/kubernetes/pki/sa.key is missing or empty: restore it from a backup'
  for name in apiserver apiserver-kubelet-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client \
    apiserver-etcd-client; do
    if [[ -s ${pki}/${name}.crt && -s ${pki}/${name}.key ]]; then continue; fi
    rm -f "${pki}/${name}.crt" "${pki}/${name}.key"
    log "the certificate ${name} is made again"
  done
  find "$kubernetes_folder" -maxdepth 1 -name '*.conf' -empty -delete
}

create_control_plane() {
  local arguments=(--config "${rootfs}${config}" --skip-token-print)
  if [[ -s $etcd_data ]]; then
    log 'an earlier creation was interrupted: running it again over its data'
    repair_pki
    arguments+=("--ignore-preflight-errors=$(leftovers)")
  elif [[ -d ${kubernetes_folder}/pki || -d ${kubernetes_folder}/manifests ]]; then
    log 'an earlier creation was interrupted before there was data: starting from nothing'
    quietly kubeadm reset --force
  fi
  quietly kubeadm config validate --config "${rootfs}${config}"
  quietly kubeadm config images pull --config "${rootfs}${config}"
  log 'images pulled'
  quietly kubeadm init "${arguments[@]}"
  write_file "$created" 0644 <<<"v${kubernetes_version}"
  log "control plane of ${cluster_name} created"
}

api_is_ready() { kubectl get --raw /readyz --request-timeout 5s; }

publish() {
  local key=$1 type=$2 content="${work}/published" current="${work}/current"
  kubectl get --raw "/${key}" >"$content"
  if aws s3 cp "s3://${issuer_bucket}/${key}" "$current" >/dev/null 2>&1 && cmp --silent "$content" "$current"; then
    return
  fi
  quietly aws s3 cp "$content" "s3://${issuer_bucket}/${key}" --content-type "$type"
  log "published ${issuer_url}/${key}"
}

apply_access() {
  fetch_manifests "$manifests_uri"
  quietly kubectl apply --server-side --field-manager stepkube --kustomize "${work}/addons/cluster-access"
}

kubeconfig_field() { sed -n "s/^ *$1: *//p" "$2"; }

# is_current PATH: whether a stored kubeconfig is for this cluster and not about to expire.
is_current() {
  local field
  for field in server certificate-authority-data; do
    [[ $(kubeconfig_field "$field" "$1") == "$(kubeconfig_field "$field" "$KUBECONFIG")" ]] || return 1
  done
  (($(seconds_left "$(sed -n 's/^# expires //p' "$1")") > renew_before_seconds))
}

# store_kubeconfig ROLE: stores a kubeconfig for Lambda functions. Its first line says when the client certificate expires.
store_kubeconfig() {
  local role=$1 secret="${cluster_name}/kubeconfig/$1" stored="${work}/kubeconfig-$1" expires_at
  if read_secret "$secret" "$stored" && is_current "$stored"; then return; fi
  expires_at=$(date -u -d "+${kubeconfig_validity%h} hours" +%FT%TZ)
  (
    umask 077
    printf '# expires %s\n' "$expires_at" >"$stored"
    kubeadm kubeconfig user --config "${rootfs}${config}" --client-name "stepkube-${role}" \
      --org "stepkube:${role}s" --validity-period "$kubeconfig_validity" >>"$stored"
  )
  is_current "$stored" || fail "kubeadm issued no kubeconfig for ${role} that leads to this cluster"
  put_secret "$secret" "$stored"
  log "kubeconfig of ${role} stored, valid until ${expires_at}"
}

main() {
  local address role
  command -v kubeadm >/dev/null || fail 'kubeadm is missing: run install-runtime first'
  claim_host "$cluster_name"
  use_region
  address=$(metadata local-ipv4)
  if [[ -s ${rootfs}${created} ]]; then
    log 'the control plane exists'
    if ! systemctl is-active --quiet kubelet; then systemctl start kubelet; fi
  else
    render_config "$address" >"${work}/kubeadm-init.yaml"
    write_file "$config" 0600 <"${work}/kubeadm-init.yaml"
    create_control_plane
  fi
  wait_until 180 'the API server' api_is_ready
  apply_access
  publish .well-known/openid-configuration application/json
  publish openid/v1/jwks application/json
  for role in deployer drainer puller viewer; do store_kubeconfig "$role"; done
  wait_until 60 'the node to register' kubectl get node "$(node_name)" --request-timeout 5s
  verify_graceful_shutdown
  log "control plane ${address}:6443 answers"
}

main
