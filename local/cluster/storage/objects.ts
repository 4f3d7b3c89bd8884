/** Create, change and delete with the rules every object is under: defaults, checks, versions, finalizers, grace. */
import { randomUUID } from 'node:crypto';
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError, alreadyExists, badRequest, conflict, forbidden, notFound } from '../apimachinery/errors.ts';
import {
  copy,
  equal,
  isPodFinished,
  type KubeObject,
  type NewObject,
  randomSuffix,
  timestamp,
} from '../apimachinery/object.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Admission } from '../apiserver/admission/admission.ts';
import type { Store } from './store.ts';

export interface WriteOptions {
  /** Validate and answer, store nothing. */
  readonly dryRun?: boolean;
  readonly subresource?: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export class Objects {
  readonly store: Store;
  readonly #admission: Admission;

  constructor(store: Store, admission: Admission) {
    this.store = store;
    this.#admission = admission;
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject {
    const object = this.find(type, namespace, name);
    if (object === undefined) throw notFound(type, name);
    return object;
  }

  find(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined {
    const object = this.store.get(type.storage, type.namespaced ? namespace : undefined, name);
    return object && asVersion(type, object);
  }

  list(type: ResourceType, namespace?: string): KubeObject[] {
    return this.store.list(type.storage, namespace).map((object) => asVersion(type, object));
  }

  create(type: ResourceType, input: NewObject, options: WriteOptions = {}): KubeObject {
    const object = copy(input) as KubeObject;
    object.metadata ??= {} as KubeObject['metadata'];
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomSuffix();
    if (!metadata.name) throw nameRequired(type);
    if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    this.#checkNamespace(type, object);
    if (this.find(type, metadata.namespace, metadata.name)) throw alreadyExists(type, metadata.name);
    Object.assign(metadata, { uid: randomUUID(), creationTimestamp: timestamp() });
    if (object.spec !== undefined) metadata.generation = 1;
    delete metadata.deletionTimestamp;
    object.apiVersion = apiVersionOf(type);
    object.kind = type.kind;
    if (type.subresources.includes('status') && !keepsStatusOnCreate(type)) delete object.status;
    this.#admission.admit(type, object, undefined);
    if (options.dryRun) return { ...object, metadata: { ...metadata, resourceVersion: '' } };
    return this.store.write(type.storage, object);
  }

  /** Changes a copy of the object; nothing is written when nothing changed. */
  update(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
    options: WriteOptions = {},
  ): KubeObject {
    const old = this.get(type, namespace, name);
    const draft = copy(old);
    change(draft);
    return this.#replace(type, old, draft, options);
  }

  /** Like update, and quiet when the object has gone meanwhile: what a controller wants. */
  updateIfExists(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
  ): KubeObject | undefined {
    return this.find(type, namespace, name) && this.update(type, namespace, name, change);
  }

  delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions = {}): KubeObject {
    const object = this.get(type, namespace, name);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid && uid !== object.metadata.uid) {
      throw conflict(
        type,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`,
      );
    }
    if (resourceVersion && resourceVersion !== object.metadata.resourceVersion) throw conflict(type, name);
    if (options.dryRun) return object;
    if (options.propagationPolicy === 'Orphan') this.#orphan(object);
    const draft = copy(object);
    if (options.propagationPolicy === 'Foreground') addFinalizer(draft, 'foregroundDeletion');
    const graceSeconds = graceOf(type, object, options);
    const held =
      (draft.metadata.finalizers?.length ?? 0) > 0 || (type.kind === 'Namespace' && draft.spec.finalizers?.length);
    if (!held && graceSeconds === 0) return this.store.remove(type.storage, object);
    const seconds = Math.min(graceSeconds, object.metadata.deletionGracePeriodSeconds ?? graceSeconds);
    if (!object.metadata.deletionTimestamp || seconds < (object.metadata.deletionGracePeriodSeconds ?? 0)) {
      draft.metadata.deletionTimestamp = timestamp(new Date(Date.now() + seconds * 1000));
    }
    draft.metadata.deletionGracePeriodSeconds = seconds;
    if (type.kind === 'Namespace') draft.status = { ...draft.status, phase: 'Terminating' };
    if (equal(draft, object)) return object;
    return this.store.write(type.storage, draft);
  }

  deleteIfExists(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): void {
    if (this.find(type, namespace, name)) this.delete(type, namespace, name, options);
  }

  #replace(type: ResourceType, old: KubeObject, draft: KubeObject, options: WriteOptions): KubeObject {
    const { name, uid, creationTimestamp, resourceVersion } = old.metadata;
    const wanted = draft.metadata.resourceVersion;
    if (wanted && wanted !== resourceVersion) throw conflict(type, name);
    if (draft.metadata.uid && draft.metadata.uid !== uid) {
      throw conflict(
        type,
        name,
        `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: ${uid}`,
      );
    }
    Object.assign(draft.metadata, { name, uid, creationTimestamp, resourceVersion });
    draft.apiVersion = apiVersionOf(type);
    draft.kind = type.kind;
    for (const key of ['namespace', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'] as const) {
      if (old.metadata[key] === undefined) delete draft.metadata[key];
      else Object.assign(draft.metadata, { [key]: old.metadata[key] });
    }
    if (options.subresource !== 'status') this.#admission.admit(type, draft, old);
    const generation = old.metadata.generation;
    if (generation !== undefined && !equal(desired(old), desired(draft))) draft.metadata.generation = generation + 1;
    if (equal(old, draft) || options.dryRun) return draft;
    const finalizers = draft.metadata.finalizers?.length ?? 0;
    const namespaceHeld = type.kind === 'Namespace' && (draft.spec.finalizers?.length ?? 0) > 0;
    const graceful = type.kind === 'Pod' && (draft.metadata.deletionGracePeriodSeconds ?? 0) > 0;
    const done = draft.metadata.deletionTimestamp && finalizers === 0 && !namespaceHeld && !graceful;
    return done ? this.store.remove(type.storage, draft) : this.store.write(type.storage, draft);
  }

  #checkNamespace(type: ResourceType, { metadata }: KubeObject): void {
    if (!type.namespaced) {
      delete metadata.namespace;
      return;
    }
    metadata.namespace ??= 'default';
    const namespace = this.get(types.namespaces, undefined, metadata.namespace);
    if (!namespace.metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${namespace.metadata.name} because it is being terminated`;
    throw forbidden(type, metadata.name, why);
  }

  #orphan({ metadata: { uid } }: KubeObject): void {
    for (const { storage, object } of this.store.everything()) {
      if (!object.metadata.ownerReferences?.some((owner) => owner.uid === uid)) continue;
      const draft = copy(object);
      draft.metadata.ownerReferences = draft.metadata.ownerReferences!.filter((owner) => owner.uid !== uid);
      this.store.write(storage, draft);
    }
  }
}

/** The generation counts changes of what is wanted: everything but metadata and status. */
function desired({ metadata: _metadata, status: _status, ...rest }: KubeObject): object {
  return rest;
}

function asVersion(type: ResourceType, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Kinds whose creator may set the status: a namespace's phase is a default, nodes register themselves with one. */
function keepsStatusOnCreate({ kind }: ResourceType): boolean {
  return kind === 'Namespace' || kind === 'Node' || kind === 'Pod';
}

function graceOf(type: ResourceType, object: KubeObject, options: DeleteOptions): number {
  if (type.kind !== 'Pod' || isPodFinished(object) || !object.spec.nodeName) return 0;
  return options.gracePeriodSeconds ?? object.spec.terminationGracePeriodSeconds ?? 30;
}

function addFinalizer(object: KubeObject, finalizer: string): void {
  object.metadata.finalizers ??= [];
  if (!object.metadata.finalizers.includes(finalizer)) object.metadata.finalizers.push(finalizer);
}

function nameRequired(type: ResourceType): ApiError {
  return new ApiError(
    422,
    'Invalid',
    `${type.kind} "" is invalid: metadata.name: Required value: name or generateName is required`,
  );
}
