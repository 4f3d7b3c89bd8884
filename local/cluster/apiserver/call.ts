/** One authorised request about a resource, and what the server answers. */

import type { Open } from '../apimachinery/object.ts';
import type { ContainerMetrics } from '../metrics-server/container-metrics.ts';
import type { Objects } from '../storage/objects.ts';
import type { Registry } from '../storage/registry.ts';
import type { User } from './auth/authentication.ts';
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import type { PodLogs } from './pod-logs.ts';
import type { ResourceRequest } from './request-info.ts';

export interface ApiParts {
  readonly objects: Objects;
  readonly registry: Registry;
  readonly tokens: ServiceAccountTokens;
  readonly logs: PodLogs;
  readonly metrics: Pick<ContainerMetrics, 'ofPod'>;
}

export interface ResourceCall extends ResourceRequest {
  readonly query: URLSearchParams;
  readonly user: User;
  readonly accept: string;
  /** Without parameters such as charset. */
  readonly contentType: string;
  /** Parsed JSON or YAML; undefined without a body. */
  readonly body: Open;
  /** ?fieldManager, or the client's name. */
  readonly manager: string;
}

export interface Answer {
  readonly code: number;
  readonly body: object;
}

export function isDryRun({ query, body }: ResourceCall): boolean {
  return query.get('dryRun') === 'All' || body?.dryRun?.includes?.('All') === true;
}
