/** The nodes of a Kubernetes API over plain HTTP, for tests of the Lambdas that list and watch them. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';

export interface FakeNode {
  readonly name: string;
  readonly instanceId?: string;
  readonly ready?: boolean;
  readonly reason?: string;
  readonly deleting?: boolean;
}

/** A list of nodes, and watches that stay open until the test ends them. */
export interface NodesApi {
  readonly server: string;
  /** A kubeconfig with a planted token. */
  readonly kubeconfig: string;
  /** Query parameters of the watches so far. */
  readonly watches: URLSearchParams[];
  /** From now on, lists are answered with this HTTP status. */
  refuse(status: number): void;
  /** Sends a change to the open watches, after waiting for the first one. */
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', node: FakeNode): Promise<void>;
  /** Ends the open watches, as a server does after some minutes. */
  endWatches(): Promise<void>;
  stop(): Promise<void>;
}

export const plantedToken = 'planted-secret-2';

export async function startNodesApi(initial: readonly FakeNode[]): Promise<NodesApi> {
  const nodes = new Map(initial.map((node) => [node.name, node]));
  const open = new Set<ServerResponse>();
  const watches: URLSearchParams[] = [];
  let watching = Promise.withResolvers<void>();
  let status = 200;
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (url.searchParams.get('watch') === 'true') {
      watches.push(url.searchParams);
      response.writeHead(200).flushHeaders();
      open.add(response);
      response.on('close', () => open.delete(response));
      watching.resolve();
      return;
    }
    const list = {
      kind: 'NodeList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '42' },
      items: [...nodes.values()].map(toNode),
    };
    response.writeHead(status).end(JSON.stringify(status === 200 ? list : { kind: 'Status', code: status }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    server: address,
    kubeconfig: kubeconfig(address),
    watches,
    refuse(refusal) {
      status = refusal;
    },
    async change(type, node) {
      await watching.promise;
      if (type === 'DELETED') nodes.delete(node.name);
      else nodes.set(node.name, node);
      for (const response of open) response.write(`${JSON.stringify({ type, object: toNode(node) })}\n`);
    },
    async endWatches() {
      await watching.promise;
      watching = Promise.withResolvers();
      for (const response of open) response.end();
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function kubeconfig(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // The client allows plain HTTP only if it does not verify TLS.
    clusters: [{ name: 'stepkube', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'viewer', user: { token: plantedToken } }],
    contexts: [{ name: 'viewer@stepkube', context: { cluster: 'stepkube', user: 'viewer' } }],
    'current-context': 'viewer@stepkube',
  });
}

function toNode({ name, instanceId, ready = true, reason, deleting }: FakeNode): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...(deleting ? { deletionTimestamp: '2026-11-22T12:00:00Z' } : {}) },
    spec: instanceId === undefined ? {} : { providerID: `aws:///us-east-1a/${instanceId}` },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', reason, message: reason && `${reason} it is` }],
    },
  };
}
