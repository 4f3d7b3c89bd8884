import type { Taint } from './kinds.ts';

/** How a kubelet registers its node: the nodeRegistration of a kubeadm configuration. */
export interface NodeRegistration {
  readonly name: string;
  readonly taints: readonly Taint[];
  readonly labels: Readonly<Record<string, string>>;
  /** --cloud-provider=external: the node stays tainted until the cloud controller manager has initialized it. */
  readonly hasExternalCloudProvider: boolean;
}

/** On a node until the cloud controller manager has initialized it. */
export const uninitializedTaint = 'node.cloudprovider.kubernetes.io/uninitialized';
