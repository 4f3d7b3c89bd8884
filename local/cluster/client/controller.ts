/** The loop of every controller: changes put keys into a queue, and each key is reconciled once for many changes. */
import { ApiError } from '../apimachinery/errors.ts';
import { controllerOf, type KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Client } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** What most controllers need. */
export interface ControllerDependencies {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly log: (message: string) => void;
}

export interface Key {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Enqueues the keys of all objects of a type, now and whenever one changes. @returns how to stop */
export type Watch = (client: Client, enqueue: (key: Key) => void) => () => void;

/** @param keysOf which keys an object concerns; the default is its own */
export function watch<T extends KubeObject>(
  type: ResourceType<T>,
  keysOf: (object: T) => readonly Key[] = (object) => [keyOf(object)],
): Watch {
  return (client, enqueue) => {
    const stop = client.watch(type, ({ object, previous }) => {
      // An object that moved from one owner to another concerns both.
      if (previous) for (const key of keysOf(previous)) enqueue(key);
      for (const key of keysOf(object)) enqueue(key);
    });
    for (const object of client.list(type)) for (const key of keysOf(object)) enqueue(key);
    return stop;
  };
}

export function keyOf({ metadata }: Pick<KubeObject, 'metadata'>): Key {
  return { namespace: metadata.namespace, name: metadata.name };
}

/** The key of an object's controller, if the controller is of the kind. */
export function ownerKey(kind: string): (object: KubeObject) => readonly Key[] {
  return (object) => {
    const owner = controllerOf(object);
    return owner?.kind === kind ? [{ namespace: object.metadata.namespace, name: owner.name }] : [];
  };
}

export interface ControllerOptions {
  /** For the log. */
  readonly name: string;
  readonly client: Client;
  readonly log: (message: string) => void;
  readonly watches: readonly Watch[];
  /** Brings the object closer to what its spec says. When it throws, the key is tried again after a back-off. */
  readonly reconcile: (key: Key, controller: Controller) => void;
}

const minRetryMilliseconds = 50;
const maxRetryMilliseconds = 5000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue = new Map<string, Key>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  readonly #stopWatches: readonly (() => void)[];
  #isScheduled = false;
  #isStopped = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#stopWatches = options.watches.map((start) => start(options.client, (key) => this.enqueue(key)));
  }

  enqueue(key: Key): void {
    if (this.#isStopped) return;
    this.#queue.set(keyText(key), key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#reconcileAll());
  }

  /** Enqueues the key later, e.g. when a deadline passes. A second call for the key replaces the first. */
  enqueueAfter(key: Key, milliseconds: number): void {
    if (this.#isStopped) return;
    const text = keyText(key);
    clearTimeout(this.#timers.get(text));
    const timer = setTimeout(() => {
      this.#timers.delete(text);
      this.enqueue(key);
    }, milliseconds);
    this.#timers.set(text, timer);
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stopWatches) stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #reconcileAll(): void {
    this.#isScheduled = false;
    const keys = [...this.#queue];
    this.#queue.clear();
    for (const [text, key] of keys) {
      if (this.#isStopped) return;
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
    const cause = error instanceof ApiError ? error.message : error instanceof Error ? error.stack : String(error);
    this.#options.log(`${this.#options.name} ${text}: ${cause}`);
    this.enqueueAfter(key, Math.min(minRetryMilliseconds * 2 ** failures, maxRetryMilliseconds));
  }
}

function keyText({ namespace, name }: Key): string {
  return `${namespace ?? ''}/${name}`;
}
