# install-addons: what the cluster needs beside its network. The order is in the add-ons' order.txt.
cluster_name=${SSM_ClusterName:?is required}
manifests_uri=${SSM_ManifestsUri:?is required}
autoscaler_role_arn=${SSM_AutoscalerRoleArn:?is required}
export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"
readonly rollout_timeout=180s

# rollouts_of ADDON: namespace and name of each of its objects that runs pods, e.g. 'kube-system deployment/metrics-server'.
rollouts_of() {
  kubectl get --kustomize "${work}/addons/$1" --request-timeout 30s --no-headers \
    --output 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name' |
    awk '$1 ~ /^(Deployment|DaemonSet|StatefulSet)$/ { print $2, tolower($1) "/" $3 }'
}

# api_services_of ADDON: names of the APIs that the add-on serves behind the API server.
api_services_of() {
  kubectl get --kustomize "${work}/addons/$1" --request-timeout 30s --no-headers \
    --output 'custom-columns=KIND:.kind,NAME:.metadata.name' | awk '$1 == "APIService" { print $2 }'
}

install_addon() {
  local rollouts namespace resource api_service
  apply_addon "$1"
  rollouts=$(rollouts_of "$1")
  while read -r namespace resource; do
    if [[ -n $resource ]]; then rolled_out "$namespace" "$resource" "$rollout_timeout"; fi
  done <<<"$rollouts"
  # Available proves the way from the API server through the service network to the pod.
  for api_service in $(api_services_of "$1"); do
    quietly kubectl wait "apiservice/${api_service}" --for condition=Available --timeout 120s
  done
  log "$1 is ready"
}

# An autoscaler that is not wanted any more would go on to end workers as long as its role exists.
install_or_remove_autoscaler() {
  local folder="${work}/addons/cluster-autoscaler"
  if [[ $autoscaler_role_arn == none ]]; then
    quietly kubectl delete --kustomize "$folder" --ignore-not-found --request-timeout 30s
    return
  fi
  printf '%s\n' "CLUSTER_NAME=${cluster_name}" "AWS_REGION=${AWS_DEFAULT_REGION}" "AWS_ROLE_ARN=${autoscaler_role_arn}" \
    >"${folder}/settings.env"
  install_addon cluster-autoscaler
}

main() {
  local addons addon
  [[ -s $KUBECONFIG ]] || fail 'this host is not a control plane: run init-control-plane first'
  claim_host "$cluster_name"
  use_region
  fetch_manifests "$manifests_uri"
  addons=$(grep --invert-match '^#' "${work}/addons/order.txt")
  for addon in $addons; do install_addon "$addon"; done
  install_or_remove_autoscaler
}

main
