/** PodDisruptionBudget status: how many pods may go right now. */
import { budgetOf } from '../disruption.ts';
import { types } from '../model/builtin-types.ts';
import { setCondition } from '../model/object.ts';
import { matchesSelector } from '../model/selectors.ts';
import { Controller, type Key } from './controller.ts';
import type { ControllerParts } from './controller-parts.ts';

export function startDisruptionBudgets(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  return new Controller({
    name: 'disruption',
    objects,
    log,
    watches: [
      { type: types.podDisruptionBudgets },
      {
        type: types.pods,
        keysOf: ({ metadata }) =>
          objects
            .list(types.podDisruptionBudgets, metadata.namespace)
            .filter(({ spec }) => matchesSelector(spec?.selector, metadata.labels))
            .map((budget) => ({ namespace: metadata.namespace, name: budget.metadata.name })),
      },
    ],
    reconcile: (key) => reconcile(parts, key),
  });
}

function reconcile({ objects }: ControllerParts, { namespace, name }: Key): void {
  const budget = objects.find(types.podDisruptionBudgets, namespace, name);
  if (!budget) return;
  const counts = budgetOf(objects, budget);
  const allowed = counts.disruptionsAllowed > 0;
  objects.update(types.podDisruptionBudgets, namespace, name, (draft) => {
    draft.status = { ...draft.status, ...counts, observedGeneration: draft.metadata.generation };
    setCondition(draft, {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    });
  });
}
