/** Pods out of templates, for the controllers that create them. */
import { createHash } from 'node:crypto';
import { isJsonObject } from '../apimachinery/json.ts';
import type { Pod, PodSpec, PodTemplate, Workload } from '../apimachinery/kinds.ts';
import { controllerReference, copy, type NewObject, type ObjectMeta, safeEncode } from '../apimachinery/object.ts';

/** A short hash of a template's content, the same for any order of its fields. */
export function templateHash(template: PodTemplate): string {
  const digest = createHash('sha256').update(JSON.stringify(sortFields(template)));
  return safeEncode(digest.digest().subarray(0, 10));
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).map(([key, child]) => [key, sortFields(child)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param change makes the template's spec the pod's own */
export function podFromTemplate(
  owner: Workload,
  name: Pick<ObjectMeta, 'name'> | { readonly generateName: string },
  labels: Readonly<Record<string, string>> = {},
  change: (spec: PodSpec) => PodSpec = (spec) => spec,
): NewObject<Pod> {
  const { metadata, spec } = copy(owner.spec.template);
  const { namespace } = owner.metadata;
  return {
    metadata: {
      ...name,
      ...(namespace && { namespace }),
      labels: { ...metadata.labels, ...labels },
      ...(metadata.annotations && { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: change(spec),
  };
}
