/**
 * The condition Available of APIServices, which the aggregation layer of the API server writes: whether the Service behind an API has
 * a pod that takes requests.
 */
import { types } from '../apimachinery/builtin-types.ts';
import { withCondition } from '../apimachinery/conditions.ts';
import type { ApiService } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import { Controller, keyOf, watch } from '../client/controller.ts';

/** @returns how to stop */
export function watchApiServices(client: Client, log: (message: string) => void): () => void {
  const all = () => client.list(types.apiServices).map(keyOf);
  const controller = new Controller({
    name: 'apiservice-availability',
    client,
    log,
    watches: [watch(types.apiServices), watch(types.services, all), watch(types.endpoints, all)],
    reconcile: ({ name }) => {
      client.updateIfExists(types.apiServices, undefined, name, (draft) => {
        const condition = { type: 'Available', ...availabilityOf(client, draft) };
        draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, condition) };
      });
    },
  });
  return () => controller.stop();
}

interface Availability {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function availabilityOf(client: Client, { spec }: ApiService): Availability {
  const service = spec?.service;
  if (!service) return { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
  const { namespace, name } = service;
  if (!client.find(types.services, namespace, name ?? ''))
    return { status: 'False', reason: 'ServiceNotFound', message: `service/${name} in "${namespace}" is not present` };
  const endpoints = client.find(types.endpoints, namespace, name ?? '');
  if (endpoints?.subsets?.some(({ addresses = [] }) => addresses.length > 0))
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  return {
    status: 'False',
    reason: 'MissingEndpoints',
    message: `endpoints for service/${name} in "${namespace}" have no addresses`,
  };
}
