/** Watches: a stream of changes, one JSON document per line. */
import type { ServerResponse } from 'node:http';
import { ApiError, gone } from '../apimachinery/errors.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import type { StoreEvent } from '../storage/store.ts';
import type { ApiParts, ResourceCall } from './call.ts';
import { tableOf, wantsTable } from './printers/table.ts';
import { filterOf } from './resource-verbs.ts';

const longestWatchSeconds = 3600;

export function streamWatch({ objects }: ApiParts, call: ResourceCall, response: ServerResponse): void {
  const { type, namespace, query } = call;
  const matches = filterOf(call);
  const inScope = (object: KubeObject) => (!namespace || object.metadata.namespace === namespace) && matches(object);
  const apiVersion = apiVersionOf(type);
  const asTable = wantsTable(call.accept);
  let columnsSent = false;

  const send = (eventType: string, object: KubeObject): void => {
    const versioned = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
    const { resourceVersion } = object.metadata;
    const shown = asTable
      ? tableOf(type, [versioned], resourceVersion, query.get('includeObject'), !columnsSent)
      : versioned;
    columnsSent = true;
    response.write(`${JSON.stringify({ type: eventType, object: shown })}\n`);
  };
  const sendBookmark = (annotations?: Record<string, string>): void => {
    const metadata = { resourceVersion: String(objects.store.version), ...(annotations && { annotations }) };
    const object = { kind: type.kind, apiVersion, metadata } as KubeObject;
    response.write(
      `${JSON.stringify({ type: 'BOOKMARK', object: asTable ? tableOf(type, [], metadata.resourceVersion, null) : object })}\n`,
    );
  };
  const forward = (event: StoreEvent): void => {
    if (event.storage !== type.storage) return;
    const before = event.previous !== undefined && inScope(event.previous);
    const after = event.type !== 'DELETED' && inScope(event.object);
    if (after) send(before ? 'MODIFIED' : 'ADDED', event.object);
    // An object that no longer matches is gone for this watcher.
    else if (before) send('DELETED', event.object);
  };

  const from = query.get('resourceVersion') ?? '';
  const withInitial = query.get('sendInitialEvents') === 'true';
  const missed = withInitial || from === '' || from === '0' ? undefined : objects.store.since(versionNumber(from));
  if (missed === undefined && !withInitial && from !== '' && from !== '0') throw gone();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (missed !== undefined) for (const event of missed) forward(event);
  else if (query.get('sendInitialEvents') !== 'false') {
    for (const object of objects.list(type, namespace).filter(matches)) send('ADDED', object);
  }
  if (withInitial) sendBookmark({ 'k8s.io/initial-events-end': 'true' });

  const seconds = Number(query.get('timeoutSeconds') ?? longestWatchSeconds);
  const timer = setTimeout(() => response.end(), Math.min(seconds, longestWatchSeconds) * 1000);
  const unsubscribe = objects.store.subscribe(forward);
  response.on('close', () => {
    clearTimeout(timer);
    unsubscribe();
  });
}

function versionNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new ApiError(400, 'BadRequest', `resourceVersion: Invalid value: "${text}"`);
  return Number(text);
}
