/** Kubernetes events, as `kubectl describe` shows them; repeats are counted, not repeated. */
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import { type KubeObject, timestamp } from '../apimachinery/object.ts';
import type { Objects } from '../storage/objects.ts';

export type EventRecorder = (
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  component?: string,
) => void;

/** Old events give way to new ones: the real server forgets after an hour. */
const keptEvents = 500;

export function createEventRecorder(objects: Objects): EventRecorder {
  const known = new Map<string, { namespace: string; name: string }>();
  let number = 0;
  return (about, type, reason, message, component = 'stepkube-twin') => {
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
    const key = [uid, type, reason, message].join('\0');
    const repeated = known.get(key);
    const now = timestamp();
    if (repeated && objects.find(types.events, repeated.namespace, repeated.name)) {
      objects.update(types.events, repeated.namespace, repeated.name, (event) => {
        event['count'] += 1;
        event['lastTimestamp'] = now;
      });
      return;
    }
    number += 1;
    const eventName = `${name}.${number.toString(16).padStart(16, '0')}`;
    const { apiVersion, kind } = about;
    try {
      objects.create(types.events, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace },
        involvedObject: {
          apiVersion,
          kind,
          name,
          uid,
          resourceVersion,
          ...(about.metadata.namespace && { namespace }),
        },
        type,
        reason,
        message,
        source: { component },
        reportingComponent: component,
        reportingInstance: '',
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      });
    } catch (error) {
      // A namespace on its way out takes no events.
      if (!(error instanceof ApiError)) throw error;
      return;
    }
    known.set(key, { namespace, name: eventName });
    if (known.size <= keptEvents) return;
    const [oldest, event] = known.entries().next().value!;
    known.delete(oldest);
    objects.deleteIfExists(types.events, event.namespace, event.name);
  };
}
