/** Records Kubernetes events, as `kubectl describe` shows them. A repeated event raises the count of the first one. */
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import { type ObjectHeader, timestamp } from '../apimachinery/object.ts';
import type { Client } from './client.ts';

export type EventRecorder = (object: ObjectHeader, type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** The real API server forgets events after an hour; the twin keeps this many of a broadcaster. */
const maxEvents = 500;

export class EventBroadcaster {
  readonly #client: Client;
  /** Names of the recorded events by what they say, oldest first. */
  readonly #recorded = new Map<string, { readonly namespace: string; readonly name: string }>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** @param component what `kubectl describe` shows as the source */
  recorder(component: string): EventRecorder {
    return (object, type, reason, message) => {
      const key = [component, object.metadata.uid, type, reason, message].join('\0');
      if (this.#repeat(key)) return;
      this.#create(key, component, object, { type, reason, message });
    };
  }

  #repeat(key: string): boolean {
    const recorded = this.#recorded.get(key);
    if (!recorded) return false;
    const updated = this.#client.updateIfExists(types.events, recorded.namespace, recorded.name, (event) => {
      event.count = (event.count ?? 1) + 1;
      event.lastTimestamp = timestamp();
    });
    return updated !== undefined;
  }

  #create(
    key: string,
    component: string,
    { apiVersion, kind, metadata }: ObjectHeader,
    content: { readonly type: string; readonly reason: string; readonly message: string },
  ): void {
    const { name, namespace, uid, resourceVersion } = metadata;
    const eventNamespace = namespace ?? 'default';
    // By time, as client-go names them: other components record events of the same object.
    const eventName = `${name}.${process.hrtime.bigint().toString(16).padStart(16, '0')}`;
    const now = timestamp();
    try {
      this.#client.create(types.events, {
        metadata: { name: eventName, namespace: eventNamespace },
        involvedObject: { apiVersion, kind, name, uid, resourceVersion, ...(namespace && { namespace }) },
        ...content,
        source: { component },
        reportingComponent: component,
        reportingInstance: '',
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      });
    } catch (error) {
      // A namespace that is being deleted takes no events.
      if (!(error instanceof ApiError)) throw error;
      return;
    }
    this.#recorded.set(key, { namespace: eventNamespace, name: eventName });
    this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#recorded;
    if (this.#recorded.size <= maxEvents || oldest === undefined) return;
    const [key, event] = oldest;
    this.#recorded.delete(key);
    this.#client.deleteIfExists(types.events, event.namespace, event.name);
  }
}
