# collect-diagnostics: only reads, and never fails. Masks bootstrap tokens in every output. The agent keeps the first 24,000
# characters, so the sections that explain most come first.
readonly section_bytes=2400

# within_limit COMMAND...: timeout runs programs only; the functions below have their own.
within_limit() { if declare -F "$1" >/dev/null; then "$@"; else timeout 15 "$@"; fi; }

section() {
  local title=$1
  shift
  printf '\n== %s\n' "$title"
  { within_limit "$@" 2>&1 || true; } | tail -c "$section_bytes" | sed -E 's/[a-z0-9]{6}\.[a-z0-9]{16}/<token>/g'
}

# Lines of errors, warnings and fatal errors in klog's format: most of a kubelet's log is information.
kubelet_errors() {
  timeout 15 journalctl --unit kubelet --no-pager --output cat --lines 2000 | grep -E '^[EWF][0-9]{4} ' | tail -n 20
}

# The log files of a static pod's containers, the newest last; they outlive the API server.
static_pod_log() { tail --quiet --lines 12 "${rootfs}/var/log/pods/kube-system_$1"-*/*/*.log; }

containers() {
  if command -v crictl >/dev/null; then
    timeout 15 crictl ps --all
  else
    timeout 15 ctr --namespace k8s.io tasks list
    timeout 15 ctr --namespace k8s.io containers list
  fi
}

main() {
  trap - ERR
  section 'kubelet errors' kubelet_errors
  section 'units' systemctl show containerd kubelet systemd-logind \
    --property Id,ActiveState,SubState,Result,ExecMainStatus,NRestarts,StateChangeTimestamp
  section 'shutdown' systemd-inhibit --list --no-pager
  section 'disk' df -h "${rootfs:-/}"
  section 'memory' head -n 5 "${rootfs}/proc/meminfo"
  section 'containers' containers
  if [[ -d ${rootfs}/etc/kubernetes/manifests ]]; then
    section 'etcd log' static_pod_log etcd
    section 'API server log' static_pod_log kube-apiserver
  fi
  if [[ -s ${rootfs}/etc/kubernetes/admin.conf ]]; then
    export KUBECONFIG="${rootfs}/etc/kubernetes/admin.conf"
    section 'nodes' kubectl get nodes --output wide --request-timeout 5s
    section 'pods that are not running' kubectl get pods --all-namespaces --request-timeout 5s \
      --field-selector status.phase!=Running,status.phase!=Succeeded
    section 'events' kubectl get events --all-namespaces --request-timeout 5s --field-selector type=Warning \
      --sort-by .metadata.creationTimestamp
  fi
  section 'kubelet log' journalctl --unit kubelet --no-pager --output short-iso --lines 15
  section 'containerd log' journalctl --unit containerd --no-pager --output short-iso --lines 15
}

main
