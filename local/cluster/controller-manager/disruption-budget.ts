/** PodDisruptionBudget status: how many pods may go right now. */

import { types } from '../apimachinery/builtin-types.ts';
import { setCondition } from '../apimachinery/object.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import { budgetOf } from '../apiserver/eviction.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';

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
