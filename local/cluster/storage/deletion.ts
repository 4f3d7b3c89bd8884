/** Graceful deletion and finalizers: when a deleted object is only marked, and when it is removed. */
import { types } from '../apimachinery/builtin-types.ts';
import { conflict } from '../apimachinery/errors.ts';
import { listAt, objectAt } from '../apimachinery/json.ts';
import { copy, type KubeObject, timestamp } from '../apimachinery/object.ts';
import type { DeleteOptions } from '../apimachinery/operations.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import { isOfType, type ResourceType } from '../apimachinery/resource-type.ts';

const defaultGracePeriodSeconds = 30;

/** @throws ApiError Conflict when the object is not the one that the caller means */
export function checkDeletePreconditions(type: ResourceType, { metadata }: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  if (uid && uid !== metadata.uid) throw uidConflict(type, metadata.name, uid, metadata.uid);
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) throw conflict(type, metadata.name);
}

export function uidConflict(type: ResourceType, name: string, expectedUid: string, uid: string): Error {
  return conflict(type, name, `Precondition failed: UID in precondition: ${expectedUid}, UID in object meta: ${uid}`);
}

/**
 * The object marked as being deleted; undefined when nothing keeps it from being removed at once.
 * @param now Unix milliseconds by the twin's clock: functions ask for how long a grace has been over
 */
export function markDeleted(
  type: ResourceType,
  object: KubeObject,
  options: DeleteOptions,
  now: number,
): KubeObject | undefined {
  const draft = copy(object);
  const { metadata } = draft;
  if (options.propagationPolicy === 'Foreground') {
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), 'foregroundDeletion'])];
  }
  const grace = gracePeriodSeconds(type, object, options);
  if (!hasFinalizers(type, draft) && grace === 0) return undefined;
  // A second deletion may shorten the grace period, never extend it.
  const earlier = metadata.deletionGracePeriodSeconds;
  const seconds = Math.min(grace, earlier ?? grace);
  if (!metadata.deletionTimestamp || seconds < (earlier ?? 0)) {
    metadata.deletionTimestamp = timestamp(new Date(now + seconds * 1000));
  }
  metadata.deletionGracePeriodSeconds = seconds;
  if (type.storage === types.namespaces.storage)
    draft['status'] = { ...objectAt(draft, 'status'), phase: 'Terminating' };
  return draft;
}

/** Whether an object that is being deleted has lost its last finalizer and its grace period. */
export function isDeletionComplete(type: ResourceType, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  const isGraceful = type.storage === types.pods.storage && deletionGracePeriodSeconds > 0;
  return deletionTimestamp !== undefined && !hasFinalizers(type, object) && !isGraceful;
}

function hasFinalizers(type: ResourceType, object: KubeObject): boolean {
  const isNamespace = type.storage === types.namespaces.storage;
  return (
    listAt(object, 'metadata', 'finalizers').length > 0 ||
    (isNamespace && listAt(object, 'spec', 'finalizers').length > 0)
  );
}

/** Only a pod that a kubelet may be running has a grace period. */
function gracePeriodSeconds(type: ResourceType, object: KubeObject, options: DeleteOptions): number {
  if (!isOfType(types.pods, type, object) || isPodFinished(object) || !object.spec.nodeName) return 0;
  return options.gracePeriodSeconds ?? object.spec.terminationGracePeriodSeconds ?? defaultGracePeriodSeconds;
}
