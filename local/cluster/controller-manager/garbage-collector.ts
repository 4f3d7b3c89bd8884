/** Garbage collection: when an owner goes, what it alone owned goes with it. */
import { types } from '../apimachinery/builtin-types.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';

const foreground = 'foregroundDeletion';

/** @returns how to stop it */
export function startGarbageCollector(parts: ControllerParts): () => void {
  const { objects } = parts;
  let stopped = false;
  const unsubscribe = objects.store.subscribe(({ type, object }) => {
    const isWaiting = object.metadata.finalizers?.includes(foreground) && object.metadata.deletionTimestamp;
    const owners = object.metadata.ownerReferences ?? [];
    setImmediate(() => {
      if (stopped) return;
      if (type === 'DELETED' || isWaiting) collect(parts, object, type === 'DELETED');
      if (type === 'DELETED') for (const { uid } of owners) finishForeground(parts, uid);
      else if (owners.length > 0 && type === 'ADDED') collectOrphan(parts, object);
    });
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

function typeOf({ registry }: ControllerParts, object: KubeObject): ResourceType | undefined {
  return registry.byKind(object.apiVersion, object.kind);
}

function dependentsOf({ objects }: ControllerParts, uid: string): KubeObject[] {
  return objects.store
    .everything()
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
}

function collect(parts: ControllerParts, owner: KubeObject, isGone: boolean): void {
  const dependents = dependentsOf(parts, owner.metadata.uid);
  for (const dependent of dependents) {
    if (isGone && otherOwnerExists(parts, dependent, owner.metadata.uid)) continue;
    remove(parts, dependent);
  }
  if (!isGone && dependents.length === 0) finishForeground(parts, owner.metadata.uid);
}

function otherOwnerExists(parts: ControllerParts, { metadata }: KubeObject, uid: string): boolean {
  const uids = new Set(parts.objects.store.everything().map(({ object }) => object.metadata.uid));
  return metadata.ownerReferences!.some((owner) => owner.uid !== uid && uids.has(owner.uid));
}

/** An object made for an owner that had already gone. */
function collectOrphan(parts: ControllerParts, object: KubeObject): void {
  if (!otherOwnerExists(parts, object, '')) remove(parts, object);
}

function remove(parts: ControllerParts, { apiVersion, kind, metadata }: KubeObject): void {
  const type = typeOf(parts, { apiVersion, kind } as KubeObject);
  if (!type || metadata.deletionTimestamp) return;
  const current = parts.objects.find(type, metadata.namespace, metadata.name);
  if (current?.metadata.uid === metadata.uid) parts.objects.delete(type, metadata.namespace, metadata.name);
}

/** The owner waited for its dependents; without any it may go. */
function finishForeground(parts: ControllerParts, uid: string): void {
  if (dependentsOf(parts, uid).length > 0) return;
  const owner = parts.objects.store.everything().find(({ object }) => object.metadata.uid === uid)?.object;
  const type = owner && typeOf(parts, owner);
  if (!type || type.storage === types.namespaces.storage || !owner.metadata.finalizers?.includes(foreground)) return;
  parts.objects.update(type, owner.metadata.namespace, owner.metadata.name, (draft) => {
    draft.metadata.finalizers = draft.metadata.finalizers!.filter((finalizer) => finalizer !== foreground);
  });
}
