/**
 * Server-side apply: merges what a manager applies, refuses fields that another manager owns with another value, and removes
 * fields that the manager applied earlier and no longer does.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import { isJsonObject } from '#local/cluster/apimachinery/json.ts';
import {
  copy,
  equal,
  type FieldTree,
  type KubeObject,
  type ManagedFieldsEntry,
} from '#local/cluster/apimachinery/object.ts';
import { conflictError, conflictingFields } from './conflicts.ts';
import { childAt, indexOfElement, isLeaf, itemElement, removeAt, subtract, treeOfObject } from './field-tree.ts';
import { setManager } from './managed-fields.ts';
import { isAtomicMap, isSet, listKeys } from './merge-keys.ts';

export interface ApplyRequest {
  readonly manager: string;
  /** Takes over contested fields instead of refusing them. */
  readonly force: boolean;
  readonly subresource?: string;
}

/** The object after the configuration is applied. @throws ApiError Conflict that lists every contested field */
export function applyConfiguration(live: KubeObject, configuration: KubeObject, request: ApplyRequest): KubeObject {
  const { manager, force, subresource } = request;
  const applied = treeOfObject(configuration);
  const entries = live.metadata.managedFields ?? [];
  const own = entries.find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && entry.subresource === subresource,
  );
  const others = entries.filter((entry) => entry !== own);
  const conflicts = others.flatMap((entry) =>
    conflictingFields(applied, entry.fieldsV1, live, configuration).map((field) => ({ entry, field })),
  );
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  // An object merged with an object of the same kind is one.
  const merged = merge(copy(live), configuration, '') as KubeObject;
  const otherTrees = others.map((entry) => entry.fieldsV1);
  if (own) removeAbandoned(own.fieldsV1, applied, otherTrees, merged);
  merged.metadata.managedFields = conflicts.length > 0 ? takeOver(others, applied, live, configuration) : others;
  setManager(merged, {
    manager,
    operation: 'Apply',
    apiVersion: configuration.apiVersion,
    fieldsV1: applied,
    ...(subresource && { subresource }),
    ...(own && { previous: own }),
  });
  return merged;
}

/** After a forced apply, other managers lose the fields whose value changed; equal ones stay shared. */
function takeOver(
  entries: readonly ManagedFieldsEntry[],
  applied: FieldTree,
  live: unknown,
  next: unknown,
): ManagedFieldsEntry[] {
  const changed = changedPart(applied, live, next);
  return entries
    .map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, changed) }))
    .filter((entry) => !isLeaf(entry.fieldsV1));
}

function changedPart(tree: FieldTree, live: unknown, next: unknown): FieldTree {
  const part: FieldTree = {};
  for (const [element, child] of Object.entries(tree)) {
    if (element === '.') continue;
    const [before, after] = [childAt(live, element), childAt(next, element)];
    if (isLeaf(child)) {
      if (!equal(before, after)) part[element] = {};
      continue;
    }
    const inner = changedPart(child, before, after);
    if (!isLeaf(inner)) part[element] = inner;
  }
  return part;
}

/** Merges `next` into `live`, which it changes in place where both are objects. */
function merge(live: unknown, next: unknown, field: string): unknown {
  if (isJsonObject(live) && isJsonObject(next) && !isAtomicMap(field)) {
    for (const [key, child] of Object.entries(next)) live[key] = merge(live[key], child, key);
    return live;
  }
  if (!Array.isArray(live) || !Array.isArray(next)) return copy(next);
  if (isSet(field)) return [...next, ...live.filter((item) => !next.some((other) => equal(item, other)))];
  const keys = listKeys(field, [...next, ...live]);
  if (!keys) return copy(next);
  const elements = next.map((item) => itemElement(item, keys));
  const merged = next.map((item, index) => merge(live[indexOfElement(live, elements[index]!)], item, ''));
  return [...merged, ...live.filter((item) => !elements.includes(itemElement(item, keys)))];
}

/** Removes the fields of the manager's last configuration that are not in this one and that no other manager owns. */
function removeAbandoned(last: FieldTree, applied: FieldTree, others: readonly FieldTree[], value: unknown): void {
  for (const [element, child] of Object.entries(last)) {
    const inner = childAt(value, element);
    if (element === '.' || inner === undefined) continue;
    const appliedChild = applied[element];
    const otherChildren = others.flatMap((other) => (other[element] ? [other[element]] : []));
    const isAbandoned = appliedChild === undefined && otherChildren.length === 0;
    if (isAbandoned && (isLeaf(child) || !element.startsWith('f:'))) {
      removeAt(value, element);
      continue;
    }
    if (isLeaf(child)) continue;
    removeAbandoned(child, appliedChild ?? {}, otherChildren, inner);
    if (isAbandoned && isEmpty(inner)) removeAt(value, element);
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
