/** The secrets of the twin's cluster. */
export const secretNames = ['telegram', 'join', 'kubeconfig/deployer', 'kubeconfig/drainer', 'kubeconfig/viewer'].map(
  (name) => `stepkube/${name}`,
);
