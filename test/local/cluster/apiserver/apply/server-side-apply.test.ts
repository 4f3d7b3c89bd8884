import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#local/cluster/apimachinery/json.ts';
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import { recordUpdate } from '#local/cluster/apiserver/apply/managed-fields.ts';
import { applyPatch } from '#local/cluster/apiserver/apply/patch.ts';
import { applyConfiguration } from '#local/cluster/apiserver/apply/server-side-apply.ts';

const header = { apiVersion: 'apps/v1', kind: 'Deployment' };
const metadata = { name: 'web', namespace: 'default' };

/** A Deployment whose spec the tests change freely. */
type Deployment = KubeObject & { spec: JsonObject };

function configuration(spec: JsonObject, labels?: Record<string, string>): KubeObject {
  return { ...header, metadata: { ...metadata, ...(labels && { labels }) }, spec } as unknown as KubeObject;
}

function apply(
  live: KubeObject,
  spec: JsonObject,
  { manager = 'stepkube', force = false, labels = undefined as Record<string, string> | undefined } = {},
): Deployment {
  return applyConfiguration(live, configuration(spec, labels), { manager, force }) as Deployment;
}

const nothing = { ...header, metadata: { ...metadata } } as KubeObject;
const containers = (...list: JsonObject[]) => ({ template: { spec: { containers: list } } });

describe('server-side apply', () => {
  it('server-side apply merges lists by their keys and keeps the items of other managers', () => {
    const ours = apply(nothing, containers({ name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }] }));
    const theirs = apply(ours, containers({ name: 'sidecar', image: 'proxy:1' }), { manager: 'mesh' });
    const again = apply(theirs, containers({ name: 'web', image: 'web:2', env: [{ name: 'A', value: '1' }] }));

    expect(again.spec).toEqual(
      containers(
        { name: 'web', image: 'web:2', env: [{ name: 'A', value: '1' }] },
        { name: 'sidecar', image: 'proxy:1' },
      ),
    );
  });

  it('server-side apply removes only fields that its manager applied before and no longer does', () => {
    const first = apply(
      nothing,
      { replicas: 2, ...containers({ name: 'web', image: 'web:1', env: [{ name: 'A' }, { name: 'B' }] }) },
      { labels: { a: '1', b: '2' } },
    );
    first.spec['strategy'] = { type: 'RollingUpdate' };
    const second = apply(first, containers({ name: 'web', image: 'web:1', env: [{ name: 'B' }] }), {
      labels: { b: '2' },
    });

    expect(second.spec).toEqual({
      ...containers({ name: 'web', image: 'web:1', env: [{ name: 'B' }] }),
      strategy: { type: 'RollingUpdate' },
    });
    expect(second.metadata.labels).toEqual({ b: '2' });
  });

  it('server-side apply reports the field and manager of a conflict, and force takes the field over', () => {
    const ours = apply(nothing, { replicas: 2, paused: false });
    const scaled = structuredClone(ours);
    scaled.spec['replicas'] = 5;
    recordUpdate(scaled, ours, 'kubectl', 'scale');

    expect(() => apply(scaled, { replicas: 2, paused: false })).toThrow(
      'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    );
    const forced = apply(scaled, { replicas: 2, paused: false }, { force: true });
    expect(forced.spec['replicas']).toBe(2);
    expect(forced.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['stepkube']);
  });

  it('a field that two managers apply with the same value stays when one of them drops it', () => {
    const ours = apply(nothing, { replicas: 2 });
    const both = apply(ours, { replicas: 2 }, { manager: 'other' });
    const left = apply(both, { paused: true });

    expect(left.spec).toEqual({ replicas: 2, paused: true });
  });

  it('repeating the same apply changes nothing', () => {
    const once = apply(nothing, { replicas: 2, ...containers({ name: 'web', image: 'web:1' }) });

    expect(apply(once, { replicas: 2, ...containers({ name: 'web', image: 'web:1' }) })).toEqual(once);
  });
});

describe('patches', () => {
  const live = {
    spec: {
      list: [1, 2],
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    },
  };

  it('a strategic merge patch merges containers by name, deletes and reorders', () => {
    const patch = {
      spec: {
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
        containers: [
          { name: 'a', image: '2' },
          { name: 'b', $patch: 'delete' },
          { name: 'c', image: '3' },
        ],
        list: [3],
      },
    };

    expect(applyPatch('application/strategic-merge-patch+json', live, patch)).toEqual({
      spec: {
        list: [3],
        containers: [
          { name: 'c', image: '3' },
          { name: 'a', image: '2' },
        ],
      },
    });
  });

  it('a JSON merge patch replaces lists and removes fields that are null', () => {
    expect(applyPatch('application/merge-patch+json', live, { spec: { list: null, containers: [] } })).toEqual({
      spec: { containers: [] },
    });
  });

  it('a JSON patch runs test, add and remove, and is refused when a test fails', () => {
    const operations = [
      { op: 'test', path: '/spec/list/0', value: 1 },
      { op: 'add', path: '/spec/list/-', value: 3 },
      { op: 'remove', path: '/spec/containers/0' },
    ];

    expect(applyPatch('application/json-patch+json', live, operations)).toEqual({
      spec: { list: [1, 2, 3], containers: [{ name: 'b', image: '1' }] },
    });
    expect(() =>
      applyPatch('application/json-patch+json', live, [{ op: 'test', path: '/spec/list/0', value: 2 }]),
    ).toThrow('testing /spec/list/0 failed');
  });
});
