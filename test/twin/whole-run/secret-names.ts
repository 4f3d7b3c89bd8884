/** The secrets of the twin's cluster. */
export const secretNames = ['telegram', 'join', 'kubeconfig/deployer', 'kubeconfig/viewer', 'kubeconfig/drainer'].map(
  (name) => `stepkube/${name}`,
);
