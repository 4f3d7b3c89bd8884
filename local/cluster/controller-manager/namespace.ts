/** Namespaces: what each gets at birth, and the emptying of one that is deleted. */
import { types } from '../apimachinery/builtin-types.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';

export function startNamespaceController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const ofNamespace = ({ metadata }: { metadata: { namespace?: string } }): Key[] =>
    metadata.namespace ? [{ namespace: undefined, name: metadata.namespace }] : [];
  const emptying = (object: { metadata: { namespace?: string } }): Key[] =>
    ofNamespace(object).filter(
      ({ name }) => objects.find(types.namespaces, undefined, name)?.metadata.deletionTimestamp,
    );
  return new Controller({
    name: 'namespace',
    objects,
    log,
    watches: [
      { type: types.namespaces },
      { type: types.serviceAccounts, keysOf: ofNamespace },
      { type: types.configMaps, keysOf: ofNamespace },
      // The end of the last pod is the end of the namespace.
      { type: types.pods, keysOf: emptying },
    ],
    reconcile: (key, controller) => reconcile(parts, key, controller),
  });
}

function reconcile(parts: ControllerParts, key: Key, controller: Controller): void {
  const { objects } = parts;
  const namespace = objects.find(types.namespaces, undefined, key.name);
  if (!namespace) return;
  if (namespace.metadata.deletionTimestamp) {
    empty(parts, key, controller);
    return;
  }
  ensure(parts, types.serviceAccounts, { kind: 'ServiceAccount', name: 'default', namespace: key.name });
  const data = { 'ca.crt': parts.ca.certificatePem };
  ensure(parts, types.configMaps, { kind: 'ConfigMap', name: 'kube-root-ca.crt', namespace: key.name, data });
}

function ensure(
  { objects }: ControllerParts,
  type: ResourceType,
  wanted: { kind: string; name: string; namespace: string; data?: Record<string, string> },
): void {
  const { kind, name, namespace, data } = wanted;
  if (objects.find(type, namespace, name)) return;
  objects.create(type, { apiVersion: 'v1', kind, metadata: { name, namespace }, ...(data && { data }) });
}

/** Finalizers of others may hold an object for a while; then the namespace is looked at again. */
const recheckMilliseconds = 200;

function empty({ objects, registry }: ControllerParts, { name }: Key, controller: Controller): void {
  const namespaced = registry.all().filter((type) => type.namespaced && !type.virtual);
  const remaining = () => namespaced.flatMap((type) => objects.list(type, name).map((object) => ({ type, object })));
  for (const { type, object } of remaining()) {
    if (!object.metadata.deletionTimestamp) objects.deleteIfExists(type, name, object.metadata.name);
  }
  if (remaining().length > 0) {
    controller.enqueueAfter({ namespace: undefined, name }, recheckMilliseconds);
    return;
  }
  objects.update(types.namespaces, undefined, name, (draft) => {
    draft.spec.finalizers = [];
  });
}
