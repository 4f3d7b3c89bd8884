# init-control-plane: creates the control plane once. It never resets one: kubeadm's phases repeat safely, so an
# interrupted creation is run again over what is there.
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
  local address=$1 name registration
  name=$(node_name)
  registration=$(node_registration)
  cat <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: ${cluster_name}
kubernetesVersion: v${kubernetes_version}
controlPlaneEndpoint: ${address}:6443
networking:
  podSubnet: ${pod_cidr}
  serviceSubnet: ${service_cidr}
apiServer:
  certSANs:
    - ${address}
    - ${name}
    - 127.0.0.1
  extraArgs:
    - name: service-account-issuer
      value: ${issuer_url}
    - name: service-account-jwks-uri
      value: ${issuer_url}/openid/v1/jwks
controllerManager:
  extraArgs:
    - name: cloud-provider
      value: external
    - name: bind-address
      value: 0.0.0.0
scheduler:
  extraArgs:
    - name: bind-address
      value: 0.0.0.0
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: ${address}
  bindPort: 6443
bootstrapTokens:
  - description: made by kubeadm init, unused
    ttl: 1m0s
    usages:
      - authentication
      - signing
    groups:
      - system:bootstrappers:kubeadm:default-node-token
${registration}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
failCgroupV1: true
shutdownGracePeriod: 60s
shutdownGracePeriodCriticalPods: 20s
containerLogMaxSize: 10Mi
containerLogMaxFiles: 3
serializeImagePulls: false
maxParallelImagePulls: 4
kubeReserved:
  cpu: 100m
  memory: 256Mi
systemReserved:
  cpu: 100m
  memory: 256Mi
tlsMinVersion: VersionTLS12
YAML
}

# What an interrupted `kubeadm init` leaves behind and its next run takes over.
leftovers() {
  local component
  printf 'Port-6443,Port-10250,Port-10257,Port-10259,Port-2379,Port-2380,DirAvailable--var-lib-etcd'
  for component in kube-apiserver kube-controller-manager kube-scheduler etcd; do
    printf ',FileAvailable--etc-kubernetes-manifests-%s.yaml' "$component"
  done
}

create_control_plane() {
  local arguments=(--config "${rootfs}${config}" --skip-token-print)
  if [[ -d ${rootfs}/etc/kubernetes/pki ]]; then
    log 'an earlier creation was interrupted: running it again'
    arguments+=("--ignore-preflight-errors=$(leftovers)")
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

# is_current PATH: a stored kubeconfig leads to this very cluster and stays valid for a while.
is_current() {
  local field
  for field in server certificate-authority-data; do
    [[ $(kubeconfig_field "$field" "$1") == "$(kubeconfig_field "$field" "$KUBECONFIG")" ]] || return 1
  done
  (($(seconds_left "$(sed -n 's/^# expires //p' "$1")") > renew_before_seconds))
}

# store_kubeconfig ROLE: access for the Lambdas. The first line says when the client certificate expires.
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
  for role in deployer viewer drainer; do store_kubeconfig "$role"; done
  wait_until 60 'the node to register' kubectl get node "$(node_name)" --request-timeout 5s
  log "control plane ${address}:6443 answers"
}

main
