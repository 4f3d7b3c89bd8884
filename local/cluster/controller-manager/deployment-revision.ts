/** The ReplicaSet of a Deployment's current template, and the revision number that `kubectl rollout history` shows. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Deployment, ReplicaSet } from '../apimachinery/kinds.ts';
import { controllerReference, copy, type ObjectHeader } from '../apimachinery/object.ts';
import type { Client } from '../client/client.ts';
import { templateHash } from './pod-template.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';

/** 0 for an object without a revision. */
export function revisionOf({ metadata }: ObjectHeader): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** Creates the ReplicaSet, or makes an existing one the newest revision, as `kubectl rollout undo` needs. */
export function ensureNewReplicaSet(
  client: Client,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  name: string,
): void {
  const { namespace } = deployment.metadata;
  const existing = sets.find(({ metadata }) => metadata.name === name);
  const maxOldRevision = Math.max(0, ...sets.filter((set) => set !== existing).map(revisionOf));
  const isNewest = existing !== undefined && revisionOf(existing) > maxOldRevision;
  const revision = String(isNewest ? revisionOf(existing) : maxOldRevision + 1);
  const annotations = { ...inheritedAnnotations(deployment), [revisionAnnotation]: revision };
  const { minReadySeconds } = deployment.spec;
  if (existing) {
    client.update(types.replicaSets, namespace, name, ({ metadata, spec }) => {
      metadata.annotations = { ...metadata.annotations, ...annotations };
      if (minReadySeconds !== undefined) spec.minReadySeconds = minReadySeconds;
    });
  } else {
    createReplicaSet(client, deployment, name, annotations);
  }
  if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
  const annotate = ({ metadata }: Deployment) => {
    metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: revision };
  };
  // The real controller writes the annotation together with the status.
  client.update(types.deployments, namespace, deployment.metadata.name, annotate, { subresource: 'status' });
}

function createReplicaSet(
  client: Client,
  deployment: Deployment,
  name: string,
  annotations: Record<string, string>,
): void {
  const { namespace } = deployment.metadata;
  const { minReadySeconds, selector, template } = copy(deployment.spec);
  const hash = templateHash(deployment.spec.template);
  const labels = { ...template.metadata.labels, [hashLabel]: hash };
  client.create(types.replicaSets, {
    metadata: {
      name,
      ...(namespace && { namespace }),
      labels,
      annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      // The rollout raises it within its limits.
      replicas: 0,
      ...(minReadySeconds && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  });
}

function inheritedAnnotations({ metadata }: Deployment): Record<string, string> {
  const own = [revisionAnnotation, 'kubectl.kubernetes.io/last-applied-configuration'];
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !own.includes(key)));
}
