import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { RolloutFailedError } from '../shared/errors.ts';
import { type Kubectl, KubectlError, type KubectlLimits } from './kubectl.ts';
import { reasonsOf } from './pod-reasons.ts';

/** An object that runs pods, as the cluster returned it. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
}

interface WorkloadObject extends KubernetesObject {
  readonly spec?: { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } };
}

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
const diagnosisSeconds = 10;

/** @returns the applied objects that have a rollout. */
export function findWorkloads(objects: readonly KubernetesObject[]): Workload[] {
  return objects
    .filter(({ kind }) => kinds.includes(kind ?? ''))
    .map((object: WorkloadObject) => ({
      kind: object.kind ?? '',
      namespace: object.metadata?.namespace ?? 'default',
      name: object.metadata?.name ?? '',
      selector: object.spec?.selector?.matchLabels ?? {},
    }));
}

/**
 * Waits until every workload is rolled out, all at the same time.
 * @throws RolloutFailedError naming every workload that is not rolled out in time, with the reasons of its pods
 */
export async function waitForRollouts(
  kubectl: Kubectl,
  workloads: readonly Workload[],
  limits: KubectlLimits,
): Promise<void> {
  const failures = await Promise.all(workloads.map((workload) => waitForRollout(kubectl, workload, limits)));
  const failed = failures.filter((failure) => failure !== undefined);
  if (failed.length > 0) throw new RolloutFailedError(failed.join('\n'));
}

/** @returns undefined if it is rolled out, else the reasons. */
async function waitForRollout(
  kubectl: Kubectl,
  workload: Workload,
  limits: KubectlLimits,
): Promise<string | undefined> {
  const { kind, namespace, name } = workload;
  const seconds = Math.floor(limits.timeoutSeconds);
  const resource = `${kind.toLowerCase()}/${name}`;
  try {
    await kubectl(['rollout', 'status', resource, `--namespace=${namespace}`, `--timeout=${seconds}s`], {
      timeoutSeconds: seconds + 2, // after kubectl's own timeout, whose message is better
      signal: limits.signal,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    const reasons = await explainPods(kubectl, workload, limits.signal);
    return [`${resource} in ${namespace} did not roll out: ${lastLine(error.stderr)}`, ...reasons].join('\n  ');
  }
}

async function explainPods(
  kubectl: Kubectl,
  { namespace, selector }: Workload,
  signal: AbortSignal,
): Promise<string[]> {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const query = ['get', 'pods', `--namespace=${namespace}`, `--selector=${labels.join(',')}`, '--output=json'];
  try {
    const output = await kubectl(query, { timeoutSeconds: diagnosisSeconds, signal });
    const { items } = JSON.parse(output) as { items: V1Pod[] };
    return items.length === 0 ? ['it has no pods'] : reasonsOf(items);
  } catch (error) {
    return [`its pods cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
