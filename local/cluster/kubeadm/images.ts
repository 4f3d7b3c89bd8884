/** The images of kubeadm 1.36: the control plane's static pods and the addons that it installs. */

export interface KubeadmImages {
  /** By component. */
  readonly staticPods: Readonly<Record<string, string>>;
  readonly kubeProxy: string;
  readonly coreDns: string;
}

export function kubeadmImages(kubernetesVersion: string): KubeadmImages {
  const image = (component: string): string => `registry.k8s.io/${component}:${kubernetesVersion}`;
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return {
    staticPods: {
      etcd: 'registry.k8s.io/etcd:3.6.8-0',
      ...Object.fromEntries(components.map((component) => [component, image(component)])),
    },
    kubeProxy: image('kube-proxy'),
    coreDns: 'registry.k8s.io/coredns/coredns:v1.14.1',
  };
}
