#!/usr/bin/env bash
# Stands for kubectl where a test has no API server: notes its arguments and says what a healthy cluster says.
printf '%s\n' "$*" >>"${ROOTFS:?}/kubectl-calls"
case "$*" in
*/.well-known/openid-configuration*) printf '{"issuer":"https://issuer.example"}' ;;
*/openid/v1/jwks*) printf '{"keys":[]}' ;;
get\ --kustomize*/metrics-server*) printf 'ServiceAccount kube-system metrics-server\nDeployment kube-system metrics-server\n' ;;
*--kustomize*)
  for argument; do folder=$argument; done
  [[ -f ${folder}/kustomization.yaml ]] || {
    echo "no kustomization in ${folder}" >&2
    exit 1
  }
  if [[ -f ${folder}/pod-network.env ]]; then cat "${folder}/pod-network.env" >>"${ROOTFS}/kubectl-calls"; fi
  if [[ -f ${folder}/cluster.env ]]; then cat "${folder}/cluster.env" >>"${ROOTFS}/kubectl-calls"; fi
  printf 'object serverside-applied\n'
  ;;
*jsonpath*) ;;
*) printf 'ok\n' ;;
esac
