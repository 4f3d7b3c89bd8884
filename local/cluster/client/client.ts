/**
 * How components read and write the cluster's objects. It stands for client-go's clientset and informers; calls are
 * synchronous, because the API server runs in the same process and holds its objects in memory.
 */
import type { KubeObject, NewObject } from '../apimachinery/object.ts';
import type { DeleteOptions, WatchEvent, WriteOptions } from '../apimachinery/operations.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';

/** `namespace` is undefined for objects without one. Every write may throw an ApiError as the API server would answer. */
export interface Client {
  /** @throws ApiError NotFound */
  get<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T;
  find<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T | undefined;
  /** By namespace and name; without a namespace, those of all. */
  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): T[];
  /** Every object of every stored kind. */
  listAll(): KubeObject[];
  create<T extends KubeObject>(type: ResourceType<T>, object: NewObject<T>, options?: WriteOptions): T;
  /** Changes a draft of the object; nothing is written when the draft stays the same. @throws ApiError NotFound */
  update<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
    options?: WriteOptions,
  ): T;
  /** Like update; undefined when there is no such object (any more). */
  updateIfExists<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: T) => void,
  ): T | undefined;
  /** @throws ApiError NotFound */
  delete(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): KubeObject;
  deleteIfExists(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): void;
  /** Calls `listener` for each change of the type from now on, in order and before the write returns. @returns how to stop */
  watch<T extends KubeObject>(type: ResourceType<T>, listener: (event: WatchEvent<T>) => void): () => void;
  /** Like watch, for all types. */
  watchAll(listener: (event: WatchEvent) => void): () => void;
}

/** Which resources the API server serves now, custom ones included. */
export interface RestMapper {
  all(): readonly ResourceType[];
  byKind(apiVersion: string, kind: string): ResourceType | undefined;
}
