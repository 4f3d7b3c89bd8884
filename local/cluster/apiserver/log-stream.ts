/** The log subresource, `kubectl logs`: what a container has written and, with ?follow, what it goes on writing. */
import type { ServerResponse } from 'node:http';
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError, badRequest } from '../apimachinery/errors.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import type { LogOptions, PodLogs } from '../client/pod-logs.ts';
import type { HandlerDependencies, ResourceCall } from './call.ts';

/** @throws ApiError for an unknown container, one that has not started, or a node that cannot be reached */
export function streamLog(
  { objects, logsOfNode }: Pick<HandlerDependencies, 'objects' | 'logsOfNode'>,
  call: ResourceCall,
  response: ServerResponse,
): void {
  const pod = objects.get(types.pods, call.namespace, call.name!);
  const options = logOptions(pod, call.query);
  const logs = kubeletLogs(pod, options, logsOfNode);
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

function kubeletLogs(pod: Pod, options: LogOptions, logsOfNode: HandlerDependencies['logsOfNode']): PodLogs {
  const { nodeName } = pod.spec;
  if (!nodeName) throw notStarted(pod, options);
  const logs = logsOfNode(nodeName);
  if (logs) return logs;
  const { namespace, name } = pod.metadata;
  const url = `https://${nodeName}:10250/containerLogs/${namespace}/${name}/${options.container}`;
  throw new ApiError(500, 'InternalError', `Get "${url}": dial tcp: connect: connection refused`);
}

function logOptions({ metadata, spec }: Pod, query: URLSearchParams): LogOptions {
  const names = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  const requested = query.get('container');
  if (!requested && spec.containers.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`,
    );
  }
  const container = requested ?? names[0]!;
  if (!names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${metadata.name}`);
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

function notStarted({ metadata, status }: Pod, { container, previous }: LogOptions): ApiError {
  const subject = `container "${container}" in pod "${metadata.name}"`;
  if (previous) return badRequest(`previous terminated ${subject} not found`);
  const state = status?.containerStatuses?.find(({ name }) => name === container)?.state;
  return badRequest(`${subject} is waiting to start: ${state?.waiting?.reason ?? 'ContainerCreating'}`);
}
