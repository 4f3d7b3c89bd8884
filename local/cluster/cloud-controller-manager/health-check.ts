/** How a load balancer learns that a node has no ready pod of a Service. */
import type { Service } from '../apimachinery/kinds.ts';

const prefix = 'service.beta.kubernetes.io/aws-load-balancer-healthcheck';
const defaultIntervalSeconds = 10;
const defaultThreshold = 2;

/**
 * So long goes the load balancer on using a node without a ready pod. 0 for the policy Cluster: there a node is healthy as
 * long as kube-proxy runs on it, which knows at once where ready pods are.
 */
export function healthCheckFailSeconds({ spec, metadata: { annotations = {} } }: Service): number {
  if (spec.externalTrafficPolicy !== 'Local') return 0;
  const interval = Number(annotations[`${prefix}-interval`] ?? defaultIntervalSeconds);
  const threshold = Number(annotations[`${prefix}-unhealthy-threshold`] ?? defaultThreshold);
  return interval * threshold;
}
