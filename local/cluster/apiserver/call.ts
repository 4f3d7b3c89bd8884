/** One authorized request about a resource, what its handlers work with, and their response. */
import { listAt } from '../apimachinery/json.ts';
import type { AggregatedApi } from '../client/aggregated-api.ts';
import type { PodLogs } from '../client/pod-logs.ts';
import type { RequestToken } from '../client/token-request.ts';
import type { Objects } from '../storage/objects.ts';
import type { Registry } from '../storage/registry.ts';
import type { User } from './auth/authentication.ts';
import type { ResourceRequest } from './request-info.ts';

export interface HandlerDependencies {
  readonly objects: Objects;
  readonly registry: Registry;
  readonly requestToken: RequestToken;
  /** The logs that a node's kubelet keeps; undefined while the kubelet cannot be reached. */
  readonly logsOfNode: (nodeName: string) => PodLogs | undefined;
  /** Servers of other API groups, by group. */
  readonly aggregatedApis: ReadonlyMap<string, AggregatedApi>;
}

export interface ResourceCall extends ResourceRequest {
  readonly query: URLSearchParams;
  readonly user: User;
  readonly accept: string;
  /** Without parameters such as charset. */
  readonly contentType: string;
  /** Parsed JSON, YAML or protobuf; undefined without a body. */
  readonly body: unknown;
  /** ?fieldManager, or the client's name. */
  readonly manager: string;
}

export interface ApiResponse {
  readonly code: number;
  readonly body: object;
}

export function isDryRun({ query, body }: ResourceCall): boolean {
  return query.get('dryRun') === 'All' || listAt(body, 'dryRun').includes('All');
}
