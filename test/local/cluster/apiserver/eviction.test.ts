import { beforeEach, describe, expect, it } from 'vitest';
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { evictPod } from '#local/cluster/apiserver/eviction.ts';
import { Objects } from '#local/cluster/storage/objects.ts';
import { Store } from '#local/cluster/storage/store.ts';

const namespace = 'default';
const labels = { app: 'web' };
let objects: Objects;

beforeEach(() => {
  objects = new Objects(new Store(), () => undefined, Date.now);
  objects.create(types.namespaces, { metadata: { name: namespace } });
  objects.create(types.podDisruptionBudgets, {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels } },
  });
  objects.update(types.podDisruptionBudgets, namespace, 'web', (budget) => {
    budget.status = { disruptionsAllowed: 1, desiredHealthy: 1, currentHealthy: 2, observedGeneration: 1 };
  });
  for (const name of ['one', 'two']) {
    const conditions = [{ type: 'Ready', status: 'True' }];
    const spec = { containers: [{ name: 'web', image: 'web:1' }], nodeName: 'node' };
    objects.create(types.pods, { metadata: { name, namespace, labels }, spec, status: { conditions } });
  }
});

function deletionOf(name: string): string | undefined {
  return objects.get(types.pods, namespace, name).metadata.deletionTimestamp;
}

describe('evictPod', () => {
  it('two evictions at once cannot use the same allowed disruption', () => {
    evictPod(objects, namespace, 'one', {});

    expect(() => evictPod(objects, namespace, 'two', {})).toThrow(
      "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    expect(deletionOf('one')).toBeDefined();
    expect(deletionOf('two')).toBeUndefined();
  });

  it('an eviction with dryRun uses no disruption and deletes nothing', () => {
    evictPod(objects, namespace, 'one', { dryRun: true });
    evictPod(objects, namespace, 'two', { dryRun: true });

    expect(deletionOf('one')).toBeUndefined();
    expect(objects.get(types.podDisruptionBudgets, namespace, 'web').status?.disruptionsAllowed).toBe(1);
  });

  it('an eviction is refused until the disruption controller has seen the latest budget', () => {
    objects.update(types.podDisruptionBudgets, namespace, 'web', (budget) => {
      budget.spec.minAvailable = 2;
    });

    expect(() => evictPod(objects, namespace, 'one', {})).toThrow('Cannot evict pod');
  });

  it('a pod that is not ready is evicted whatever its budget allows', () => {
    objects.update(types.pods, namespace, 'two', (pod) => {
      pod.status = { conditions: [{ type: 'Ready', status: 'False' }] };
    });
    evictPod(objects, namespace, 'one', {});
    evictPod(objects, namespace, 'two', {});

    expect(deletionOf('two')).toBeDefined();
  });
});
