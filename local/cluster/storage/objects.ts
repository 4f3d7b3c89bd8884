/** Reads and writes with the rules that hold for objects of every kind: names, versions, generations, finalizers. */
import { randomUUID } from 'node:crypto';
import { types } from '../apimachinery/builtin-types.ts';
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound } from '../apimachinery/errors.ts';
import { copy, equal, type KubeObject, type NewObject, randomSuffix, timestamp } from '../apimachinery/object.ts';
import type { DeleteOptions, WatchEvent, WriteOptions } from '../apimachinery/operations.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { checkDeletePreconditions, isDeletionComplete, markDeleted, uidConflict } from './deletion.ts';
import type { Store } from './store.ts';

export interface AdmissionRequest {
  readonly type: ResourceType;
  /** About to be stored; admission completes it in place. */
  readonly object: KubeObject;
  /** undefined for a new object. */
  readonly previous: KubeObject | undefined;
  /** To look up other objects, such as the pod's service account. */
  readonly objects: Objects;
}

/** Completes and checks every object before it is stored. @throws ApiError to refuse it */
export type Admit = (request: AdmissionRequest) => void;

/** Notes in metadata.managedFields who writes what. `previous` is undefined for a new object. */
export type RecordWrite = (
  draft: KubeObject,
  previous: KubeObject | undefined,
  subresource: WriteOptions['subresource'],
) => void;

/**
 * Implements the client's interface (client/client.ts). The casts to `T` in this class are the one place where stored JSON
 * gets its type: what is stored under a type is of it.
 */
export class Objects {
  readonly store: Store;
  readonly #admit: Admit;
  readonly #record: RecordWrite;
  readonly #now: () => number;

  /**
   * @param now Unix milliseconds by the twin's clock
   * @param record by default nothing: the API server notes its callers' writes itself
   */
  constructor(store: Store, admit: Admit, now: () => number, record: RecordWrite = () => undefined) {
    this.store = store;
    this.#admit = admit;
    this.#record = record;
    this.#now = now;
  }

  get<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T {
    const object = this.find(type, namespace, name);
    if (object === undefined) throw notFound(type, name);
    return object;
  }

  find<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T | undefined {
    const object = this.store.get(type.storage, type.namespaced ? namespace : undefined, name);
    return object && (inVersion(type, object) as T);
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): T[] {
    return this.store.list(type.storage, namespace).map((object) => inVersion(type, object) as T);
  }

  listAll(): KubeObject[] {
    return this.store.listAll().map(({ object }) => object);
  }

  create<T extends KubeObject>(type: ResourceType<T>, input: NewObject<T>, options: WriteOptions = {}): T {
    // Complete from here on: the lines below fill the header, and admission the rest.
    const object = copy(input) as unknown as T & KubeObject;
    this.#prepareMetadata(type, object);
    Object.assign(object, { apiVersion: apiVersionOf(type), kind: type.kind });
    if (type.subresources.includes('status') && !takesStatusOnCreate(type)) delete (object as KubeObject)['status'];
    this.#record(object, undefined, undefined);
    this.#admit({ type, object, previous: undefined, objects: this });
    if (options.dryRun) return { ...object, metadata: { ...object.metadata, resourceVersion: '' } };
    this.store.write(type.storage, object);
    return object;
  }

  update<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
    options: WriteOptions = {},
  ): T {
    const old = this.get(type, namespace, name);
    const draft = copy(old);
    change(draft);
    this.#record(draft, old, options.subresource);
    return this.#replace(type, old, draft, options) as T;
  }

  updateIfExists<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
  ): T | undefined {
    return this.find(type, namespace, name) && this.update(type, namespace, name, change);
  }

  delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions = {}): KubeObject {
    const object = this.get(type, namespace, name);
    checkDeletePreconditions(type, object, options);
    if (options.dryRun) return object;
    if (options.propagationPolicy === 'Orphan') this.#orphanDependents(object.metadata.uid);
    const marked = markDeleted(type, object, options, this.#now());
    if (marked === undefined) return this.store.remove(type.storage, object);
    return equal(marked, object) ? object : this.store.write(type.storage, marked);
  }

  deleteIfExists(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): void {
    if (this.find(type, namespace, name)) this.delete(type, namespace, name, options);
  }

  watch<T extends KubeObject>(type: ResourceType<T>, listener: (event: WatchEvent<T>) => void): () => void {
    return this.store.subscribe((event) => {
      if (event.storage === type.storage) listener(event as WatchEvent as WatchEvent<T>);
    });
  }

  watchAll(listener: (event: WatchEvent) => void): () => void {
    return this.store.subscribe(listener);
  }

  #prepareMetadata(type: ResourceType, object: KubeObject): void {
    object.metadata ??= {} as KubeObject['metadata'];
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomSuffix();
    if (!metadata.name) {
      const message = 'Required value: name or generateName is required';
      throw invalid(type, '', [{ reason: 'FieldValueRequired', field: 'metadata.name', message }]);
    }
    if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    this.#checkNamespace(type, object);
    if (this.find(type, metadata.namespace, metadata.name)) throw alreadyExists(type, metadata.name);
    Object.assign(metadata, { uid: randomUUID(), creationTimestamp: timestamp() });
    if (object['spec'] !== undefined) metadata.generation = 1;
    delete metadata.deletionTimestamp;
  }

  #checkNamespace(type: ResourceType, { metadata }: KubeObject): void {
    if (!type.namespaced) {
      delete metadata.namespace;
      return;
    }
    metadata.namespace ??= 'default';
    const namespace = this.get(types.namespaces, undefined, metadata.namespace);
    if (!namespace.metadata.deletionTimestamp) return;
    const reason = `unable to create new content in namespace ${metadata.namespace} because it is being terminated`;
    throw forbidden(type, metadata.name, reason);
  }

  #replace(type: ResourceType, old: KubeObject, draft: KubeObject, options: WriteOptions): KubeObject {
    keepServerFields(type, old, draft);
    if (options.subresource !== 'status') this.#admit({ type, object: draft, previous: old, objects: this });
    const { generation } = old.metadata;
    if (generation !== undefined && !equal(desiredState(old), desiredState(draft))) {
      draft.metadata.generation = generation + 1;
    }
    if (equal(old, draft) || options.dryRun) return draft;
    if (isDeletionComplete(type, draft)) return this.store.remove(type.storage, draft);
    return this.store.write(type.storage, draft);
  }

  #orphanDependents(ownerUid: string): void {
    for (const { storage, object } of this.store.listAll()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (!owners.some(({ uid }) => uid === ownerUid)) continue;
      const draft = copy(object);
      draft.metadata.ownerReferences = owners.filter(({ uid }) => uid !== ownerUid);
      this.store.write(storage, draft);
    }
  }
}

/** Resets what no client may change. @throws ApiError Conflict when the draft was made from another version of the object */
function keepServerFields(type: ResourceType, old: KubeObject, draft: KubeObject): void {
  const { name, uid, creationTimestamp, resourceVersion } = old.metadata;
  const { resourceVersion: draftVersion, uid: draftUid } = draft.metadata;
  if (draftVersion && draftVersion !== resourceVersion) throw conflict(type, name);
  if (draftUid && draftUid !== uid) throw uidConflict(type, name, draftUid, uid);
  Object.assign(draft.metadata, { name, uid, creationTimestamp, resourceVersion });
  Object.assign(draft, { apiVersion: apiVersionOf(type), kind: type.kind });
  for (const key of ['namespace', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'] as const) {
    if (old.metadata[key] === undefined) delete draft.metadata[key];
    else Object.assign(draft.metadata, { [key]: old.metadata[key] });
  }
}

/** What metadata.generation counts the changes of: everything but metadata and status. */
function desiredState({ metadata: _metadata, status: _status, ...rest }: KubeObject): object {
  return rest;
}

function inVersion(type: ResourceType, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Kinds whose creator may set the status: kubelets register nodes and mirror pods with one, a namespace's has a default. */
function takesStatusOnCreate({ storage }: ResourceType): boolean {
  return [types.namespaces.storage, types.nodes.storage, types.pods.storage].includes(storage);
}
