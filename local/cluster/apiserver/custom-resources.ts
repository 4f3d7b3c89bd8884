/** Serves the kinds of CustomResourceDefinitions; in a real API server this is the apiextensions server. */
import { types } from '../apimachinery/builtin-types.ts';
import { withCondition } from '../apimachinery/conditions.ts';
import type { Objects } from '../storage/objects.ts';
import type { Registry } from '../storage/registry.ts';

/** @returns how to stop it */
export function serveCustomResources(objects: Objects, registry: Registry): () => void {
  let isStopped = false;
  const unsubscribe = objects.watch(types.customResourceDefinitions, ({ type, object }) => {
    if (type !== 'DELETED') {
      // Before the write returns, because the next object of the same `kubectl apply` may be of the new kind.
      registry.addDefinition(object);
      setImmediate(() => {
        if (!isStopped) establish(objects, object.metadata.name);
      });
      return;
    }
    const [removed] = registry.removeDefinition(object.metadata.name);
    if (!removed) return;
    for (const instance of objects.store.list(removed.storage)) objects.store.remove(removed.storage, instance);
  });
  return () => {
    isStopped = true;
    unsubscribe();
  };
}

function establish(objects: Objects, name: string): void {
  objects.updateIfExists(types.customResourceDefinitions, undefined, name, (draft) => {
    const { spec, status } = draft;
    const accepted = withCondition(status?.conditions, {
      type: 'NamesAccepted',
      status: 'True',
      reason: 'NoConflicts',
      message: 'no conflicts found',
    });
    draft.status = {
      ...status,
      acceptedNames: spec.names,
      storedVersions: spec.versions.filter(({ storage }) => storage).map((version) => version.name),
      conditions: withCondition(accepted, {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }),
    };
  });
}
