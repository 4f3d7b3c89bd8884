/** The scale subresource: a workload's replicas as an object of autoscaling/v1. */
import { ApiError } from '../apimachinery/errors.ts';
import { numberAt, objectAt, stringAt, valueAt } from '../apimachinery/json.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { applyPatch } from './apply/patch.ts';
import { type ApiResponse, type HandlerDependencies, isDryRun, type ResourceCall } from './call.ts';

export function handleScale({ objects }: Pick<HandlerDependencies, 'objects'>, call: ResourceCall): ApiResponse {
  const { type, namespace, verb, body } = call;
  const name = call.name!;
  if (verb === 'get') return { code: 200, body: scaleOf(objects.get(type, namespace, name)) };
  const change = (draft: KubeObject): void => {
    const before = { ...draft };
    const scale = verb === 'patch' ? applyPatch(call.contentType, scaleOf(draft), body) : body;
    const resourceVersion = stringAt(scale, 'metadata', 'resourceVersion');
    if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
    draft['spec'] = { ...objectAt(draft, 'spec'), replicas: replicasOf(scale, name) };
    recordUpdate(draft, before, call.manager, 'scale');
  };
  return { code: 200, body: scaleOf(objects.update(type, namespace, name, change, { dryRun: isDryRun(call) })) };
}

/** @throws ApiError Invalid */
function replicasOf(scale: unknown, name: string): number {
  const replicas = valueAt(scale, 'spec', 'replicas');
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return replicas;
  const rule = `spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`;
  throw new ApiError(422, 'Invalid', `Scale.autoscaling "${name}" is invalid: ${rule}`);
}

function scaleOf(object: KubeObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(objectAt(object, 'spec', 'selector', 'matchLabels') ?? {});
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
}
