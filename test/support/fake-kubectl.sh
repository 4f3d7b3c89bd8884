#!/usr/bin/env bash
# Stands for kubectl where a test has no API server: notes its arguments and says what a healthy cluster says.
printf '%s\n' "$*" >>"${ROOTFS:?}/kubectl-calls"
case "$*" in
*/.well-known/openid-configuration*) printf '{"issuer":"https://issuer.example"}' ;;
*/openid/v1/jwks*) printf '{"keys":[]}' ;;
get\ --kustomize*/cluster-dns*NAMESPACE*) printf 'Deployment kube-system coredns\n' ;;
get\ --kustomize*/cluster-dns*) printf 'Deployment coredns\n' ;;
get\ --kustomize*/metrics-server*NAMESPACE*) printf 'ServiceAccount kube-system metrics-server\nDeployment kube-system metrics-server\n' ;;
get\ --kustomize*/metrics-server*) printf 'Deployment metrics-server\nAPIService v1beta1.metrics.k8s.io\n' ;;
get\ --kustomize*/cluster-autoscaler*) printf 'Deployment kube-system cluster-autoscaler\n' ;;
delete\ --kustomize*) echo 'No resources found' ;;
rollout\ status*)
  if [[ -e ${ROOTFS}/kubectl-rollout-fails ]]; then
    echo 'error: timed out waiting for the condition' >&2
    exit 1
  fi
  ;;
get\ pods*custom-columns*) printf 'pod-fine True\npod-broken False\n' ;;
logs*--previous*) echo 'panic: the words before' ;;
logs*) echo 'panic: the last words' ;;
*--kustomize*)
  for argument; do folder=$argument; done
  [[ -f ${folder}/kustomization.yaml ]] || {
    echo "no kustomization in ${folder}" >&2
    exit 1
  }
  if [[ -f ${folder}/pod-network.env ]]; then cat "${folder}/pod-network.env" >>"${ROOTFS}/kubectl-calls"; fi
  if [[ -f ${folder}/cluster.env ]]; then cat "${folder}/cluster.env" >>"${ROOTFS}/kubectl-calls"; fi
  if [[ -f ${folder}/settings.env ]]; then cat "${folder}/settings.env" >>"${ROOTFS}/kubectl-calls"; fi
  printf 'Warning: a field is deprecated\nobject serverside-applied\n'
  ;;
*jsonpath*) ;;
*) printf 'ok\n' ;;
esac
