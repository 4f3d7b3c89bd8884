/** CustomResourceDefinitions: their kinds are served from the moment they are stored. */
import { types } from '../apimachinery/builtin-types.ts';
import { type KubeObject, type Open, setCondition } from '../apimachinery/object.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';

/** @returns how to stop it */
export function startCustomResources(parts: ControllerParts): () => void {
  const { objects, registry } = parts;
  let stopped = false;
  const unsubscribe = objects.store.subscribe(({ storage, type, object }) => {
    if (storage !== types.customResourceDefinitions.storage) return;
    if (type !== 'DELETED') {
      // At once: the next object of the same `kubectl apply` may be of the new kind.
      registry.addDefinition(object);
      setImmediate(() => !stopped && establish(parts, object));
      return;
    }
    const [gone] = registry.removeDefinition(object.metadata.name);
    if (!gone) return;
    for (const instance of objects.store.list(gone.storage)) objects.store.remove(gone.storage, instance);
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

function establish({ objects }: ControllerParts, { metadata }: KubeObject): void {
  objects.updateIfExists(types.customResourceDefinitions, undefined, metadata.name, (draft) => {
    draft.status ??= {};
    draft.status.acceptedNames = draft.spec.names;
    draft.status.storedVersions = draft.spec.versions
      .filter(({ storage }: Open) => storage)
      .map(({ name }: Open) => name);
    setCondition(draft, {
      type: 'NamesAccepted',
      status: 'True',
      reason: 'NoConflicts',
      message: 'no conflicts found',
    });
    setCondition(draft, {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    });
  });
}
