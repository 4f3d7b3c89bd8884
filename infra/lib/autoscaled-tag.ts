/** A group with this tag, and with the one of its cluster, is scaled by the cluster autoscaler: it looks for both. */
export const autoscaledTag = 'k8s.io/cluster-autoscaler/enabled';
