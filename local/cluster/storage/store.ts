/**
 * What etcd is to a real cluster: every object, a version that counts writes, and the recent changes. An object in it is
 * never changed in place; readers get the stored object itself and must copy what they want to change.
 */
import type { KubeObject } from '../apimachinery/object.ts';
import type { WatchEvent } from '../apimachinery/operations.ts';

export interface StoreEvent extends WatchEvent {
  readonly storage: string;
  readonly version: number;
}

/** Watches may start as far back as this many changes. */
const minHistoryLength = 4000;

export class Store {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #oldestVersion = 0;
  #version = 1;

  get version(): number {
    return this.#version;
  }

  get(storage: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(storage)?.get(objectKey(namespace, name));
  }

  list(storage: string, namespace?: string): KubeObject[] {
    const objects = [...(this.#objects.get(storage)?.values() ?? [])];
    const found = namespace ? objects.filter((object) => object.metadata.namespace === namespace) : objects;
    return found.sort((a, b) => compare(sortKey(a), sortKey(b)));
  }

  /** Every object of every kind, in no particular order. */
  listAll(): { readonly storage: string; readonly object: KubeObject }[] {
    return [...this.#objects].flatMap(([storage, objects]) =>
      [...objects.values()].map((object) => ({ storage, object })),
    );
  }

  /** Adds or replaces the object and gives it the next resource version. */
  write(storage: string, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    const objects = this.#objects.get(storage) ?? new Map<string, KubeObject>();
    this.#objects.set(storage, objects);
    const previous = objects.get(objectKey(namespace, name));
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    objects.set(objectKey(namespace, name), object);
    this.#publish({
      type: previous ? 'MODIFIED' : 'ADDED',
      storage,
      object,
      ...(previous && { previous }),
      version: this.#version,
    });
    return object;
  }

  remove(storage: string, object: KubeObject): KubeObject {
    this.#objects.get(storage)?.delete(objectKey(object.metadata.namespace, object.metadata.name));
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#publish({ type: 'DELETED', storage, object: last, previous: object, version: this.#version });
    return last;
  }

  /** Changes after a version, oldest first; undefined when some of them are no longer kept. */
  since(version: number): readonly StoreEvent[] | undefined {
    if (version < this.#oldestVersion) return undefined;
    return this.#history.filter((event) => event.version > version);
  }

  /** Calls `listener` for each change, in order and before the write returns. @returns how to stop that */
  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event);
    // Half is dropped at a time, so that not every write copies the list.
    if (this.#history.length > minHistoryLength * 2) {
      const dropped = this.#history.slice(0, minHistoryLength);
      this.#history = this.#history.slice(minHistoryLength);
      this.#oldestVersion = dropped.at(-1)!.version;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function sortKey({ metadata }: KubeObject): string {
  return objectKey(metadata.namespace, metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
