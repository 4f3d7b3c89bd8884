# install-network: Calico first, then the cloud controller manager, whose pod does not tolerate a node without network.
cluster_name=${SSM_ClusterName:?is required}
pod_cidr=${SSM_PodCidr:?is required}
manifests_uri=${SSM_ManifestsUri:?is required}
export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"

install_calico() {
  local folder="${work}/addons/calico"
  download "$calico_url" "$calico_sha256" "${folder}/calico.yaml"
  printf 'POD_CIDR=%s\n' "$pod_cidr" >"${folder}/pod-network.env"
  apply_addon calico
  rolled_out kube-system daemonset/calico-node 240s
  log "Calico ${calico_version} routes ${pod_cidr}"
}

install_cloud_controller_manager() {
  printf 'CLUSTER_NAME=%s\n' "$cluster_name" >"${work}/addons/cloud-controller-manager/cluster.env"
  apply_addon cloud-controller-manager
  rolled_out kube-system daemonset/cloud-controller-manager 180s
}

is_initialized() {
  local taints
  taints=$(kubectl get node "$1" --request-timeout 5s --output 'jsonpath={.spec.taints[*].key}') || return 1
  [[ $taints != *node.cloudprovider.kubernetes.io/uninitialized* ]]
}

main() {
  local node
  [[ -s $KUBECONFIG ]] || fail 'this host is not a control plane: run init-control-plane first'
  claim_host "$cluster_name"
  use_region
  node=$(node_name)
  fetch_manifests "$manifests_uri"
  install_calico
  install_cloud_controller_manager
  wait_until 120 'the cloud controller manager to initialize the node' is_initialized "$node"
  quietly kubectl wait "node/${node}" --for condition=Ready --timeout 180s
  log "node ${node} is Ready"
}

main
