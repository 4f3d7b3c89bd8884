/** Namespaces: gives each its service account and CA certificate, and empties the ones that are deleted. */
import { types } from '../apimachinery/builtin-types.ts';
import type { ObjectHeader } from '../apimachinery/object.ts';
import type { Client, RestMapper } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, watch } from '../client/controller.ts';

export interface NamespaceControllerDependencies extends Omit<ControllerDependencies, 'events'> {
  readonly mapper: RestMapper;
  readonly caCertificatePem: string;
}

export function startNamespaceController(dependencies: NamespaceControllerDependencies): Controller {
  const { client, log } = dependencies;
  const terminatingKeys = (object: ObjectHeader): readonly Key[] =>
    namespaceKeys(object).filter(
      ({ name }) => client.find(types.namespaces, undefined, name)?.metadata.deletionTimestamp,
    );
  return new Controller({
    name: 'namespace',
    client,
    log,
    watches: [
      watch(types.namespaces),
      watch(types.serviceAccounts, namespaceKeys),
      watch(types.configMaps, namespaceKeys),
      // Pods take their grace period: when the last one ends, the namespace can go.
      watch(types.pods, terminatingKeys),
    ],
    reconcile: (key, controller) => reconcile(dependencies, key, controller),
  });
}

function namespaceKeys({ metadata: { namespace } }: ObjectHeader): readonly Key[] {
  return namespace ? [{ namespace: undefined, name: namespace }] : [];
}

function reconcile(dependencies: NamespaceControllerDependencies, key: Key, controller: Controller): void {
  const { client, mapper, caCertificatePem } = dependencies;
  const namespace = client.find(types.namespaces, undefined, key.name);
  if (namespace?.metadata.deletionTimestamp) finalize(client, mapper, key, controller);
  else if (namespace) createDefaults(client, key.name, caCertificatePem);
}

function createDefaults(client: Client, namespace: string, caCertificatePem: string): void {
  if (!client.find(types.serviceAccounts, namespace, 'default')) {
    client.create(types.serviceAccounts, { metadata: { name: 'default', namespace } });
  }
  if (!client.find(types.configMaps, namespace, 'kube-root-ca.crt')) {
    const data = { 'ca.crt': caCertificatePem };
    client.create(types.configMaps, { metadata: { name: 'kube-root-ca.crt', namespace }, data });
  }
}

/** How long to wait for finalizers that other components remove. */
const recheckMilliseconds = 200;

/** Deletes everything in the namespace, and then lets the namespace itself go. */
function finalize(client: Client, mapper: RestMapper, { name }: Key, controller: Controller): void {
  const namespacedTypes = mapper.all().filter((type) => type.namespaced && !type.virtual && !type.aggregated);
  const remaining = () =>
    namespacedTypes.flatMap((type) => client.list(type, name).map(({ metadata }) => ({ type, metadata })));
  for (const { type, metadata } of remaining()) {
    if (!metadata.deletionTimestamp) client.deleteIfExists(type, name, metadata.name);
  }
  if (remaining().length > 0) {
    controller.enqueueAfter({ namespace: undefined, name }, recheckMilliseconds);
    return;
  }
  client.update(types.namespaces, undefined, name, ({ spec }) => {
    spec.finalizers = [];
  });
}
