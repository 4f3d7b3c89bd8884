/** Pods out of templates, for every controller that makes them. */
import { createHash } from 'node:crypto';
import { controllerReference, copy, type KubeObject, type NewObject, type Open } from '../apimachinery/object.ts';

/** A short text that two templates share only when they are the same. */
export function templateHash(template: Open): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(template)))
    .digest();
  return [...digest.subarray(0, 10)].map((byte) => letters[byte % letters.length]).join('');
}

function sorted(value: Open): Open {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

export function podFrom(
  owner: KubeObject,
  name: Partial<KubeObject['metadata']>,
  labels: Readonly<Record<string, string>> = {},
): NewObject {
  const { metadata = {}, spec } = copy(owner.spec.template);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...name,
      namespace: owner.metadata.namespace!,
      labels: { ...metadata.labels, ...labels },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
}
