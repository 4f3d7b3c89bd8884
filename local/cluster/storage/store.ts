/** The cluster's memory: every object, the order of changes, and who wants to hear of them. Objects in it are never changed in place. */
import type { KubeObject } from '../apimachinery/object.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly storage: string;
  readonly object: KubeObject;
  readonly previous?: KubeObject;
  readonly version: number;
}

/** Watches may start as far back as this many changes. */
const historyLength = 4000;

export class Store {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #forgotten = 0;
  #version = 1;

  get version(): number {
    return this.#version;
  }

  get(storage: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(storage)?.get(keyOf(namespace, name));
  }

  list(storage: string, namespace?: string): KubeObject[] {
    const objects = [...(this.#objects.get(storage)?.values() ?? [])];
    const wanted = namespace ? objects.filter((object) => object.metadata.namespace === namespace) : objects;
    return wanted.sort((a, b) => compare(sortKey(a), sortKey(b)));
  }

  /** Every object of every kind. */
  everything(): { readonly storage: string; readonly object: KubeObject }[] {
    return [...this.#objects].flatMap(([storage, objects]) =>
      [...objects.values()].map((object) => ({ storage, object })),
    );
  }

  /** Adds or replaces; the object gets the next resource version. */
  write(storage: string, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    const objects = this.#objects.get(storage) ?? new Map<string, KubeObject>();
    this.#objects.set(storage, objects);
    const previous = objects.get(keyOf(namespace, name));
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    objects.set(keyOf(namespace, name), object);
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
    this.#objects.get(storage)?.delete(keyOf(object.metadata.namespace, object.metadata.name));
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#publish({ type: 'DELETED', storage, object: last, previous: object, version: this.#version });
    return last;
  }

  /** Changes after a version, oldest first; undefined when they are no longer remembered. */
  since(version: number): readonly StoreEvent[] | undefined {
    if (version < this.#forgotten) return undefined;
    return this.#history.filter((event) => event.version > version);
  }

  /** Calls `listener` on each change, in order. Returns how to stop that. */
  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > historyLength * 2) {
      const dropped = this.#history.slice(0, historyLength);
      this.#history = this.#history.slice(historyLength);
      this.#forgotten = dropped.at(-1)!.version;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function sortKey({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
