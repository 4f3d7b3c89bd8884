/** Garbage collection: deletes objects whose owners are all gone, and lets owners go that waited for their dependents. */
import { types } from '../apimachinery/builtin-types.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import type { Client, RestMapper } from '../client/client.ts';

const foregroundFinalizer = 'foregroundDeletion';

export interface GarbageCollectorDependencies {
  readonly client: Client;
  readonly mapper: RestMapper;
}

/** @returns how to stop it */
export function startGarbageCollector(dependencies: GarbageCollectorDependencies): () => void {
  let isStopped = false;
  const unsubscribe = dependencies.client.watchAll(({ type, object }) => {
    const { finalizers = [], deletionTimestamp, ownerReferences = [], uid } = object.metadata;
    const waitsForDependents = finalizers.includes(foregroundFinalizer) && deletionTimestamp !== undefined;
    setImmediate(() => {
      if (isStopped) return;
      if (type === 'DELETED') {
        deleteDependents(dependencies, uid);
        for (const owner of ownerReferences) finishForegroundDeletion(dependencies, owner.uid);
        return;
      }
      if (waitsForDependents) startForegroundDeletion(dependencies, uid);
      // Its owner may have been deleted before it was created.
      if (type === 'ADDED' && ownerReferences.length > 0) deleteIfOrphaned(dependencies, object);
    });
  });
  return () => {
    isStopped = true;
    unsubscribe();
  };
}

function dependentsOf({ client }: GarbageCollectorDependencies, ownerUid: string): KubeObject[] {
  return client.listAll().filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === ownerUid));
}

/** After the owner is gone: what it owned alone goes too. */
function deleteDependents(dependencies: GarbageCollectorDependencies, ownerUid: string): void {
  for (const dependent of dependentsOf(dependencies, ownerUid)) deleteIfOrphaned(dependencies, dependent);
}

/** Before the owner goes: everything that it owns goes first, whatever else owns it. */
function startForegroundDeletion(dependencies: GarbageCollectorDependencies, ownerUid: string): void {
  const dependents = dependentsOf(dependencies, ownerUid);
  for (const dependent of dependents) deleteObject(dependencies, dependent);
  if (dependents.length === 0) finishForegroundDeletion(dependencies, ownerUid);
}

function deleteIfOrphaned(dependencies: GarbageCollectorDependencies, object: KubeObject): void {
  const uids = new Set(dependencies.client.listAll().map(({ metadata }) => metadata.uid));
  const hasOwner = object.metadata.ownerReferences?.some(({ uid }) => uids.has(uid));
  if (!hasOwner) deleteObject(dependencies, object);
}

function deleteObject(
  { client, mapper }: GarbageCollectorDependencies,
  { apiVersion, kind, metadata }: KubeObject,
): void {
  const type = mapper.byKind(apiVersion, kind);
  if (!type || metadata.deletionTimestamp) return;
  const { namespace, name, uid } = metadata;
  if (client.find(type, namespace, name)?.metadata.uid === uid) client.delete(type, namespace, name);
}

/** Removes the finalizer of an owner whose dependents are all gone. */
function finishForegroundDeletion(dependencies: GarbageCollectorDependencies, ownerUid: string): void {
  const { client, mapper } = dependencies;
  if (dependentsOf(dependencies, ownerUid).length > 0) return;
  const owner = client.listAll().find(({ metadata }) => metadata.uid === ownerUid);
  const type = owner && mapper.byKind(owner.apiVersion, owner.kind);
  // The namespace controller decides when a namespace goes.
  if (!type || type.storage === types.namespaces.storage) return;
  if (!owner.metadata.finalizers?.includes(foregroundFinalizer)) return;
  client.update(type, owner.metadata.namespace, owner.metadata.name, ({ metadata }) => {
    metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== foregroundFinalizer);
  });
}
