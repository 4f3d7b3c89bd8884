/** Watches: a stream of changes, one JSON document per line. */
import type { ServerResponse } from 'node:http';
import { ApiError, resourceExpired } from '../apimachinery/errors.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import type { Objects } from '../storage/objects.ts';
import type { StoreEvent } from '../storage/store.ts';
import type { ResourceCall } from './call.ts';
import { filterOf } from './list-response.ts';
import { prefersTable, tableOf } from './printers/table.ts';

const maxWatchSeconds = 3600;

/** Streams until the client leaves or ?timeoutSeconds are over. @throws ApiError Expired for a version that is too old */
export function streamWatch(objects: Objects, call: ResourceCall, response: ServerResponse): void {
  const { query } = call;
  const events = new WatchStream(call, response);
  const start = readStart(objects, query);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (start.missedEvents) for (const event of start.missedEvents) events.forward(event);
  else if (query.get('sendInitialEvents') !== 'false') events.sendAll(objects.list(call.type, call.namespace));
  if (start.withInitialEvents) events.sendInitialEventsEnd(String(objects.store.version));

  const seconds = Number(query.get('timeoutSeconds') ?? maxWatchSeconds);
  const timer = setTimeout(() => response.end(), Math.min(seconds, maxWatchSeconds) * 1000);
  const unsubscribe = objects.store.subscribe((event) => events.forward(event));
  response.on('close', () => {
    clearTimeout(timer);
    unsubscribe();
  });
}

interface WatchStart {
  readonly withInitialEvents: boolean;
  /** What happened since ?resourceVersion; undefined when the watch begins with the objects that there are. */
  readonly missedEvents: readonly StoreEvent[] | undefined;
}

function readStart({ store }: Objects, query: URLSearchParams): WatchStart {
  const withInitialEvents = query.get('sendInitialEvents') === 'true';
  const resourceVersion = query.get('resourceVersion') ?? '';
  if (withInitialEvents || resourceVersion === '' || resourceVersion === '0') {
    return { withInitialEvents, missedEvents: undefined };
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw new ApiError(400, 'BadRequest', `resourceVersion: Invalid value: "${resourceVersion}"`);
  }
  const missedEvents = store.since(Number(resourceVersion));
  if (missedEvents === undefined) throw resourceExpired();
  return { withInitialEvents, missedEvents };
}

/** Writes the events of one watch that its type, namespace and selectors are about. */
class WatchStream {
  readonly #call: ResourceCall;
  readonly #response: ServerResponse;
  readonly #apiVersion: string;
  readonly #asTable: boolean;
  readonly #isInScope: (object: KubeObject) => boolean;
  #hasSentColumns = false;

  constructor(call: ResourceCall, response: ServerResponse) {
    const { namespace } = call;
    const matches = filterOf(call);
    this.#call = call;
    this.#response = response;
    this.#apiVersion = apiVersionOf(call.type);
    this.#asTable = prefersTable(call.accept);
    this.#isInScope = (object) => (!namespace || object.metadata.namespace === namespace) && matches(object);
  }

  forward({ storage, type, object, previous }: StoreEvent): void {
    if (storage !== this.#call.type.storage) return;
    const wasInScope = previous !== undefined && this.#isInScope(previous);
    const isInScope = type !== 'DELETED' && this.#isInScope(object);
    if (isInScope) this.#send(wasInScope ? 'MODIFIED' : 'ADDED', object);
    // An object that no longer matches the selectors is deleted for this watcher.
    else if (wasInScope) this.#send('DELETED', object);
  }

  sendAll(objects: readonly KubeObject[]): void {
    for (const object of objects) if (this.#isInScope(object)) this.#send('ADDED', object);
  }

  /** The bookmark after which a client knows that it has seen all objects. */
  sendInitialEventsEnd(resourceVersion: string): void {
    const { type } = this.#call;
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const bookmark = { kind: type.kind, apiVersion: this.#apiVersion, metadata: { resourceVersion, annotations } };
    this.#write('BOOKMARK', this.#asTable ? tableOf(type, [], { resourceVersion, includeObject: null }) : bookmark);
  }

  #send(eventType: string, object: KubeObject): void {
    const { type, query } = this.#call;
    const versioned = object.apiVersion === this.#apiVersion ? object : { ...object, apiVersion: this.#apiVersion };
    if (!this.#asTable) {
      this.#write(eventType, versioned);
      return;
    }
    const { resourceVersion } = object.metadata;
    const includeObject = query.get('includeObject');
    const withColumns = !this.#hasSentColumns;
    this.#hasSentColumns = true;
    this.#write(eventType, tableOf(type, [versioned], { resourceVersion, includeObject, withColumns }));
  }

  #write(type: string, object: object): void {
    this.#response.write(`${JSON.stringify({ type, object })}\n`);
  }
}
