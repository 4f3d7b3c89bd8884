/** `kubectl logs`: what a container has written, and what it goes on writing. */
import type { ServerResponse } from 'node:http';
import { badRequest } from '../apimachinery/errors.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import type { ApiParts, ResourceCall } from './call.ts';
import type { LogOptions } from './pod-logs.ts';

export function streamLog({ objects, logs }: ApiParts, call: ResourceCall, response: ServerResponse): void {
  const pod = objects.get(call.type, call.namespace, call.name!);
  const options = optionsOf(pod, call.query);
  const text = logs.read(pod.metadata.uid, options);
  if (text === undefined) throw notStarted(pod, options);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(text);
  if (call.query.get('follow') !== 'true') {
    response.end();
    return;
  }
  const stop = logs.follow(
    pod.metadata.uid,
    options,
    (line) => response.write(line),
    () => response.end(),
  );
  response.on('close', stop);
}

function optionsOf(pod: KubeObject, query: URLSearchParams): LogOptions {
  const names: string[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }: Open) => name);
  const wanted = query.get('container');
  if (!wanted && pod.spec.containers.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
    );
  }
  const container = wanted ?? names[0]!;
  if (!names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`);
  const tailLines = query.get('tailLines');
  const sinceSeconds = query.get('sinceSeconds');
  const sinceTime = query.get('sinceTime');
  return {
    container,
    previous: query.get('previous') === 'true',
    timestamps: query.get('timestamps') === 'true',
    ...(tailLines && { tailLines: Number(tailLines) }),
    ...(sinceTime && { sinceTime: new Date(sinceTime) }),
    ...(sinceSeconds && { sinceTime: new Date(Date.now() - Number(sinceSeconds) * 1000) }),
  };
}

function notStarted(pod: KubeObject, { container, previous }: LogOptions): Error {
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  if (previous) return badRequest(`previous terminated ${where} not found`);
  const status = pod.status?.containerStatuses?.find(({ name }: Open) => name === container);
  return badRequest(`${where} is waiting to start: ${status?.state?.waiting?.reason ?? 'ContainerCreating'}`);
}
