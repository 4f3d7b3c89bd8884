/** Runs the shims' calls, which shim.sh sends: one loopback port for all instances, a secret per instance. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { basename } from 'node:path';
import { shims } from './shim-catalog.ts';
import { type ShimCall, ShimError, type ShimResult } from './shims/shim.ts';
import type { Instance } from './state/instance.ts';

export interface ShimServer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Fields before the arguments: secret, program, cwd, KUBECONFIG, AWS_DEFAULT_REGION, number of arguments. */
const headerFields = 6;

export async function startShimServer(
  host: string,
  instanceOf: (secret: string) => Instance | undefined,
): Promise<ShimServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // when the caller was killed
    void serve(socket, instanceOf);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host, port, stop: () => close(server, sockets) };
}

async function serve(socket: Socket, instanceOf: (secret: string) => Instance | undefined): Promise<void> {
  const callerGone = new AbortController();
  socket.on('close', () => callerGone.abort(new Error('the caller is gone')));
  const fields = await readFields(socket);
  const instance = instanceOf(fields[0] ?? '');
  if (instance === undefined) {
    socket.destroy();
    return;
  }
  const signal = AbortSignal.any([callerGone.signal, instance.terminated.signal]);
  const call: ShimCall = {
    instance,
    program: fields[1]!,
    workingFolder: fields[2]!,
    kubeconfig: fields[3]!,
    awsRegion: fields[4]!,
    argv: fields.slice(headerFields),
    signal,
  };
  const { exitCode = 0, stdout = '', stderr = '' } = await runShim(call);
  if (signal.aborted) return;
  socket.write(`${exitCode} ${Buffer.byteLength(stdout)} ${Buffer.byteLength(stderr)}\n`);
  socket.end(stdout + stderr);
}

async function runShim(call: ShimCall): Promise<ShimResult> {
  const tool = basename(call.program);
  const handler = shims[tool];
  if (handler === undefined) return { exitCode: 127, stderr: `${tool}: has no shim in the twin\n` };
  try {
    return await handler(call);
  } catch (error) {
    if (error instanceof ShimError) return { exitCode: error.exitCode, stderr: `${error.message}\n` };
    call.instance.context.log('instance', `${call.instance.spec.instanceId} ${tool}: ${(error as Error).stack}`);
    return { exitCode: 1, stderr: `${tool}: ${(error as Error).message}\n` };
  }
}

/** Resolves when all fields have arrived; with none when the caller closes the connection before. */
function readFields(socket: Socket): Promise<string[]> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const finish = (fields: string[]) => {
      socket.off('data', read);
      socket.resume();
      resolve(fields);
    };
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const fields = received.toString('utf8').split('\0').slice(0, -1);
      const argumentCount = fields[headerFields - 1];
      if (argumentCount !== undefined && fields.length === headerFields + Number(argumentCount)) finish(fields);
    };
    socket.on('data', read);
    socket.on('close', () => finish([]));
  });
}

async function close(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
