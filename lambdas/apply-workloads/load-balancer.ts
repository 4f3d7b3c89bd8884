import type { KubernetesObject, V1Service } from '@kubernetes/client-node';
import { logger } from '../shared/task.ts';
import { type Kubectl, KubectlError, type KubectlLimits } from './kubectl.ts';

/**
 * Waits for the address of the applied load balancer, which the cloud controller manager writes into the Service's status
 * some time later.
 * @returns undefined if no Service is a load balancer, or if it has no address in time
 */
export async function findLoadBalancer(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  limits: KubectlLimits,
): Promise<string | undefined> {
  const services: V1Service[] = objects.filter(({ kind }) => kind === 'Service');
  const applied = services.find(({ spec }) => spec?.type === 'LoadBalancer');
  if (applied === undefined) return undefined;
  const { name, namespace = 'default' } = applied.metadata ?? {};
  const seconds = Math.floor(limits.timeoutSeconds);
  const condition = ['--for=jsonpath={.status.loadBalancer.ingress}', `--timeout=${seconds}s`, '--output=json'];
  try {
    const output = await kubectl(['wait', `service/${name}`, `--namespace=${namespace}`, ...condition], {
      timeoutSeconds: seconds + 2,
      signal: limits.signal,
    });
    const [address] = (JSON.parse(output) as V1Service).status?.loadBalancer?.ingress ?? [];
    return address?.hostname ?? address?.ip;
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    // The services run: a late address does not make the deployment a failure.
    logger.warn('the load balancer has no address yet', { service: `${namespace}/${name}`, waitedSeconds: seconds });
    return undefined;
  }
}
