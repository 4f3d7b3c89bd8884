/** Heartbeats: a kubelet renews the Lease of its node, and the node lifecycle controller watches it. */
export const nodeLeaseNamespace = 'kube-node-lease';

/** Real time, not scaled: how often a kubelet of the twin renews its Lease at most. */
export const minHeartbeatMilliseconds = 1000;
