# install-runtime: prepares a host up to `kubeadm init` or `kubeadm join`. A second run compares and changes nothing.
cluster_name=${SSM_ClusterName:?is required}
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
readonly provider_path=/usr/local/lib/kubelet-credential-providers/ecr-credential-provider

check_host() {
  grep --quiet '^VERSION_ID="24.04"' "${rootfs}/etc/os-release" || fail 'this host does not run Ubuntu 24.04'
  [[ $(uname -m) == x86_64 ]] || fail "this host is $(uname -m): the pinned downloads are x86_64"
  # The kubelet refuses cgroup v1 since 1.35.
  [[ -f ${rootfs}/sys/fs/cgroup/cgroup.controllers ]] || fail 'this host does not use cgroup v2'
}

# During the first boot cloud-init still writes apt's sources and the host name. Its exit status does not matter.
await_first_boot() {
  local status=0
  timeout 300 cloud-init status --wait >/dev/null 2>&1 || status=$?
  if ((status == 124)); then fail 'cloud-init has not ended after 300 seconds'; fi
}

set_hostname() {
  local name
  name=$(node_name)
  # cloud-init would put the short name back at the next boot.
  install_file /etc/cloud/cloud.cfg.d/99-stepkube.cfg 0644
  if [[ $(cat "${rootfs}/etc/hostname") != "$name" ]]; then
    hostnamectl set-hostname "$name"
    log "host name is ${name}"
  fi
}

has_swap() { (($(wc -l <"${rootfs}/proc/swaps") > 1)); }

disable_swap() {
  local fstab="${rootfs}/etc/fstab"
  if has_swap; then
    swapoff --all
    log 'swap is off'
  fi
  if grep --quiet --extended-regexp '^[^#]\S*\s+\S+\s+swap\s' "$fstab"; then
    sed -i --regexp-extended '/^[^#]\S*\s+\S+\s+swap\s/s/^/# stepkube: /' "$fstab"
    log 'swap is gone from fstab'
  fi
  # A generator may still activate swap partitions by their GPT type: a masked target keeps it off after a reboot.
  if [[ $(systemctl is-enabled swap.target || true) != masked ]]; then quietly systemctl mask swap.target; fi
}

prepare_kernel() {
  install_file /etc/modules-load.d/stepkube.conf 0644
  if [[ ! -d ${rootfs}/sys/module/overlay || ! -d ${rootfs}/sys/module/br_netfilter ]]; then
    modprobe --all overlay br_netfilter
    log 'kernel modules loaded'
  fi
  install_file /etc/sysctl.d/99-stepkube.conf 0644
  if $file_changed || [[ $(sysctl -n net.bridge.bridge-nf-call-iptables) != 1 ]]; then
    quietly sysctl --load="${rootfs}/etc/sysctl.d/99-stepkube.conf"
    log 'kernel settings applied'
  fi
}

package_version() { dpkg-query --show --showformat='${Version}' "$1" 2>/dev/null || true; }

readonly apt_seconds=300

# hopeless OUTPUT: prints the first error of apt-get that no repetition can cure; fails if there is none.
hopeless() {
  grep --max-count 1 --extended-regexp --only-matching \
    -e '(EXPKEYSIG|KEYEXPIRED|NO_PUBKEY|REVKEYSIG) .*' -e 'Unable to locate package .*' \
    -e "Version '.*' for '.*' was not found" -e 'No space left on device' \
    -e 'Held packages were changed .*' -e "The repository '.*' is not signed.*" "$1"
}

# apt_get COMMAND...: repeats apt-get, because most of its troubles pass: another program holds a lock (apt itself waits only for
# dpkg's; on a fresh host apt-daily or unattended-upgrades also hold those of the lists or of the archives), a mirror is being
# updated, the network is not there yet. An interrupted dpkg is repaired; what cannot help ends at once.
apt_get() {
  local output="${work}/apt" deadline=$((SECONDS + apt_seconds)) status=0 reason
  while true; do
    status=0
    # Without Error-Mode=any an update that could not fetch a list succeeds with a warning.
    apt-get -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any "$@" >"$output" 2>&1 || status=$?
    if ((status == 0)); then return; fi
    if reason=$(hopeless "$output"); then fail "'apt-get $1' cannot succeed: ${reason}"; fi
    ((SECONDS < deadline)) || break
    if grep --quiet 'dpkg was interrupted' "$output"; then
      log 'completing an interrupted dpkg'
      quietly dpkg --configure -a --force-confold
      continue
    fi
    sleep 5
  done
  tail -n 30 "$output" >&2
  fail "'apt-get $1' still exited ${status} after ${apt_seconds} seconds"
}

apt_install() { apt_get install --yes --no-install-recommends "$@"; }

install_tools() {
  local tool missing=()
  for tool in ca-certificates conntrack curl ethtool gnupg iptables socat unzip; do
    [[ -n $(package_version "$tool") ]] || missing+=("$tool")
  done
  if ((${#missing[@]} == 0)); then return; fi
  apt_get update
  apt_install "${missing[@]}"
  log "installed ${missing[*]}"
}

install_aws_cli() {
  if [[ $(aws --version 2>/dev/null || true) == "aws-cli/${aws_cli_version} "* ]]; then return; fi
  download "$aws_cli_url" "$aws_cli_sha256" "${work}/aws-cli.zip"
  quietly unzip -q -o "${work}/aws-cli.zip" -d "${work}/aws-cli"
  quietly "${work}/aws-cli/aws/install" --update --install-dir "${rootfs}/usr/local/aws-cli" \
    --bin-dir "${rootfs}/usr/local/bin"
  log "installed AWS CLI ${aws_cli_version}"
}

install_containerd() {
  local changed=false
  if [[ $(containerd --version 2>/dev/null || true) != *" v${containerd_version} "* ]]; then
    download "$containerd_url" "$containerd_sha256" "${work}/containerd.tar.gz"
    tar --extract --gzip --directory "${rootfs}/usr/local" --file "${work}/containerd.tar.gz"
    changed=true
  fi
  if [[ $(runc --version 2>/dev/null || true) != "runc version ${runc_version}"* ]]; then
    download "$runc_url" "$runc_sha256" "${work}/runc"
    install -D -m 0755 "${work}/runc" "${rootfs}/usr/local/sbin/runc"
    changed=true
  fi
  install_file /etc/systemd/system/containerd.service 0644
  if $file_changed; then
    systemctl daemon-reload
    changed=true
  fi
  install_file /etc/containerd/config.toml 0644 "pause_image=${kubernetes_pause_image}"
  if $file_changed; then changed=true; fi
  if ! systemctl is-enabled --quiet containerd; then quietly systemctl enable containerd; fi
  if $changed; then
    systemctl restart containerd
    log "containerd ${containerd_version} with runc ${runc_version} is running"
  elif ! systemctl is-active --quiet containerd; then
    systemctl start containerd
  fi
}

# The key has an end, which its owners move by publishing it again: living hosts get it anew, too.
trust_kubernetes_packages() {
  local key="${work}/kubernetes.asc" keys fingerprints expires_at
  curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --max-time 60 --retry 4 --output "$key" \
    "$kubernetes_apt_key_url" || fail "cannot download ${kubernetes_apt_key_url}"
  keys=$(gpg --batch --quiet --show-keys --with-colons "$key")
  fingerprints=$(awk -F: '$1 == "pub" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }' <<<"$keys")
  [[ $fingerprints == "$kubernetes_apt_key_fingerprint" ]] ||
    fail "the key at ${kubernetes_apt_key_url} is not ${kubernetes_apt_key_fingerprint}"
  expires_at=$(awk -F: '$1 == "pub" { print $7 }' <<<"$keys")
  if [[ -n $expires_at ]] && ((expires_at <= $(date +%s))); then
    fail "the signing key of the Kubernetes packages expired on $(date -u -d "@${expires_at}" +%F): its owners have not renewed it at ${kubernetes_apt_key_url}"
  fi
  write_file /etc/apt/keyrings/kubernetes.asc 0644 <"$key"
  if $file_changed; then log 'the signing key of the Kubernetes packages is up to date'; fi
  install_file /etc/apt/sources.list.d/kubernetes.list 0644 "url=${kubernetes_apt_url}"
}

held_packages() { apt-mark showhold | grep -x -e kubeadm -e kubectl -e kubelet -e kubernetes-cni || true; }

install_kubernetes() {
  local package missing=()
  trust_kubernetes_packages
  for package in kubeadm="$kubernetes_package_version" kubectl="$kubernetes_package_version" \
    kubelet="$kubernetes_package_version" kubernetes-cni="$kubernetes_cni_package_version"; do
    [[ $(package_version "${package%%=*}") == "${package#*=}" ]] || missing+=("$package")
  done
  if ((${#missing[@]} > 0)); then
    # The version of a node changes by an upgrade, with its pods drained, not by a second run of this document.
    if [[ -s ${rootfs}/etc/kubernetes/kubelet.conf ]]; then
      fail "this host is a node and its packages are not ${missing[*]}: upgrade it instead"
    fi
    apt_get update
    apt_install --allow-change-held-packages "${missing[@]}"
    log "installed ${missing[*]}"
  fi
  if (($(held_packages | wc -l) < 4)); then quietly apt-mark hold kubeadm kubectl kubelet kubernetes-cni; fi
  if ! systemctl is-enabled --quiet kubelet; then quietly systemctl enable kubelet; fi
}

install_credential_provider() {
  local record=/etc/stepkube/credential-provider.version
  if [[ ! -x ${rootfs}${provider_path} || $(cat "${rootfs}${record}" 2>/dev/null || true) != "$ecr_credential_provider_version" ]]; then
    download "$ecr_credential_provider_url" "$ecr_credential_provider_sha256" "${work}/ecr-credential-provider"
    install -D -m 0755 "${work}/ecr-credential-provider" "${rootfs}${provider_path}"
    write_file "$record" 0644 <<<"$ecr_credential_provider_version"
    log "installed ecr-credential-provider ${ecr_credential_provider_version}"
  fi
  install_file /etc/stepkube/credential-provider.yaml 0644
}

# A shutdown must wait for the kubelet's grace (kubeadm-init.yaml).
prepare_shutdown() {
  install_file /etc/systemd/logind.conf.d/zz-stepkube.conf 0644
  if ! $file_changed; then return; fi
  quietly systemctl restart systemd-logind
  log 'a shutdown waits for the kubelet'
}

verify() {
  local module setting
  for module in overlay br_netfilter; do
    [[ -d ${rootfs}/sys/module/${module} ]] || fail "kernel module ${module} is not loaded"
  done
  for setting in net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables; do
    [[ $(sysctl -n "$setting") == 1 ]] || fail "kernel setting ${setting} is not 1"
  done
  if has_swap; then fail 'swap is on'; fi
  [[ $(cat "${rootfs}/etc/hostname") == "$(node_name)" ]] || fail 'the host name is not the private DNS name'
  systemctl is-active --quiet containerd || fail 'containerd is not running'
  (($(held_packages | wc -l) == 4)) || fail 'kubeadm, kubectl, kubelet and kubernetes-cni are not all held'
  [[ $(kubeadm version --output short) == "v${kubernetes_version}" ]] || fail "kubeadm is not v${kubernetes_version}"
  [[ -x ${rootfs}${provider_path} ]] || fail 'the ECR credential provider is missing'
}

main() {
  check_host
  claim_host "$cluster_name"
  await_first_boot
  install_tools
  set_hostname
  disable_swap
  prepare_kernel
  prepare_shutdown
  install_aws_cli
  install_containerd
  install_kubernetes
  install_credential_provider
  verify
  log "the host is ready for Kubernetes ${kubernetes_version}"
}

main
