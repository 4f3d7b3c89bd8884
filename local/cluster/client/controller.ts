/** The loop of every controller: changes put keys in a queue, each key is reconciled soon after, once for many changes. */
import { ApiError } from '../apimachinery/errors.ts';
import { controllerOf, type KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Objects } from '../storage/objects.ts';

export interface Key {
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface Watch {
  readonly type: ResourceType;
  /** Which keys a change of an object concerns; the default is its own. */
  readonly keysOf?: (object: KubeObject) => readonly Key[];
}

export interface ControllerOptions {
  readonly name: string;
  readonly objects: Objects;
  readonly log: (message: string) => void;
  readonly watches: readonly Watch[];
  readonly reconcile: (key: Key, controller: Controller) => void;
}

const firstRetryMilliseconds = 50;
const longestRetryMilliseconds = 5000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue = new Map<string, Key>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #scheduled = false;
  #stopped = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { objects, watches } = options;
    this.#unsubscribe = objects.store.subscribe(({ storage, object, previous }) => {
      for (const { type, keysOf = ownKey } of watches) {
        if (type.storage !== storage) continue;
        // What the object no longer concerns wants to know as well.
        for (const key of previous ? [...keysOf(previous), ...keysOf(object)] : keysOf(object)) this.enqueue(key);
      }
    });
    for (const { type, keysOf = ownKey } of watches) {
      for (const object of objects.list(type)) for (const key of keysOf(object)) this.enqueue(key);
    }
  }

  enqueue(key: Key): void {
    if (this.#stopped) return;
    this.#queue.set(textOf(key), key);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#work());
  }

  /** Looks at the key again later: when a grace, a deadline or a back-off ends. */
  enqueueAfter(key: Key, milliseconds: number): void {
    if (this.#stopped) return;
    const text = textOf(key);
    clearTimeout(this.#timers.get(text));
    this.#timers.set(
      text,
      setTimeout(() => {
        this.#timers.delete(text);
        this.enqueue(key);
      }, milliseconds),
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #work(): void {
    this.#scheduled = false;
    const keys = [...this.#queue];
    this.#queue.clear();
    for (const [text, key] of keys) {
      if (this.#stopped) return;
      try {
        this.#options.reconcile(key, this);
        this.#failures.delete(text);
      } catch (error) {
        this.#retry(text, key, error);
      }
    }
  }

  #retry(text: string, key: Key, error: unknown): void {
    const failures = (this.#failures.get(text) ?? 0) + 1;
    this.#failures.set(text, failures);
    const why = error instanceof ApiError ? error.message : error instanceof Error ? error.stack : String(error);
    this.#options.log(`${this.#options.name} ${text}: ${why}`);
    this.enqueueAfter(key, Math.min(firstRetryMilliseconds * 2 ** failures, longestRetryMilliseconds));
  }
}

function ownKey({ metadata }: KubeObject): readonly Key[] {
  return [{ namespace: metadata.namespace, name: metadata.name }];
}

/** The key of the controller above an object, when it is of the kind. */
export function ownerKey(kind: string): (object: KubeObject) => readonly Key[] {
  return (object) => {
    const owner = controllerOf(object);
    return owner?.kind === kind ? [{ namespace: object.metadata.namespace, name: owner.name }] : [];
  };
}

function textOf({ namespace, name }: Key): string {
  return `${namespace ?? ''}/${name}`;
}
