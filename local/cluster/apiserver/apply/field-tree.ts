/** FieldsV1 trees: which fields a value has, and how to walk a value by them. */
import { equal, type FieldTree, isRecord, type Open } from '#local/cluster/apimachinery/object.ts';
import { isAtomicMap, isSet, keyValue, listKeys } from './merge-keys.ts';

const serverOwned = new Set([
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** Every field of an object that a manager can own. */
export function treeOfObject(object: Open): FieldTree {
  return withoutServerFields(treeOf(object, ''));
}

/** Fields of `next` that `old` lacks or has with another value. */
export function changesOfObject(old: Open, next: Open): FieldTree {
  return withoutServerFields(changes(old, next, ''));
}

function withoutServerFields(tree: FieldTree): FieldTree {
  const { 'f:apiVersion': _apiVersion, 'f:kind': _kind, 'f:metadata': metadata, ...rest } = tree;
  const kept = Object.entries(metadata ?? {}).filter(([element]) => !serverOwned.has(element.slice(2)));
  return kept.length > 0 ? { 'f:metadata': Object.fromEntries(kept), ...rest } : rest;
}

function treeOf(value: Open, field: string): FieldTree {
  if (isRecord(value) && !isAtomicMap(field)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, treeOf(child, key)]));
  }
  const elements = elementsOf(value, field);
  if (elements === undefined) return {};
  return Object.fromEntries(
    elements.map(([element, item]) => [element, isRecord(item) ? { '.': {}, ...treeOf(item, '') } : {}]),
  );
}

function changes(old: Open, next: Open, field: string): FieldTree {
  const oldChildren = childrenOf(old, field);
  const nextChildren = childrenOf(next, field);
  if (oldChildren === undefined || nextChildren === undefined) return treeOf(next, field);
  const tree: FieldTree = {};
  for (const [element, child] of nextChildren) {
    const before = oldChildren.get(element);
    if (equal(before, child)) continue;
    const name = element.startsWith('f:') ? element.slice(2) : '';
    tree[element] = before === undefined ? memberTree(element, child, name) : changes(before, child, name);
  }
  return tree;
}

function memberTree(element: string, child: Open, name: string): FieldTree {
  const tree = treeOf(child, name);
  return element.startsWith('k:') ? { '.': {}, ...tree } : tree;
}

function childrenOf(value: Open, field: string): Map<string, Open> | undefined {
  if (isRecord(value) && !isAtomicMap(field)) {
    return new Map(Object.entries(value).map(([key, child]) => [`f:${key}`, child]));
  }
  const elements = elementsOf(value, field);
  return elements && new Map(elements);
}

/** Items of a list that merges: ['k:{"name":"web"}', item] or ['v:"text"', item]. */
function elementsOf(value: Open, field: string): [string, Open][] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (isSet(field)) return value.map((item) => [`v:${JSON.stringify(item)}`, item]);
  const keys = listKeys(field, value);
  return keys && value.map((item) => [itemElement(item, keys), item]);
}

export function itemElement(item: Open, keys: readonly string[]): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, keyValue(item, key)])))}`;
}

/** The child of a value at one element of a tree. */
export function childAt(value: Open, element: string): Open {
  if (value === undefined || value === null) return undefined;
  if (element.startsWith('f:')) return isRecord(value) ? value[element.slice(2)] : undefined;
  if (!Array.isArray(value)) return undefined;
  return value[indexOf(value, element)];
}

export function indexOf(list: readonly Open[], element: string): number {
  const wanted = JSON.parse(element.slice(2));
  if (element.startsWith('v:')) return list.findIndex((item) => equal(item, wanted));
  const entries = Object.entries(wanted);
  return list.findIndex((item) => isRecord(item) && entries.every(([key, value]) => equal(keyValue(item, key), value)));
}

export function isLeaf(tree: FieldTree): boolean {
  return Object.keys(tree).length === 0;
}

export function union(a: FieldTree, b: FieldTree): FieldTree {
  const tree: FieldTree = { ...a };
  for (const [element, child] of Object.entries(b)) tree[element] = a[element] ? union(a[element], child) : child;
  return tree;
}

/** `a` without what `b` has; parents that lose every child go too. */
export function subtract(a: FieldTree, b: FieldTree): FieldTree {
  const tree: FieldTree = {};
  for (const [element, child] of Object.entries(a)) {
    const other = b[element];
    if (other === undefined || element === '.') {
      tree[element] = child;
      continue;
    }
    if (isLeaf(child) || isLeaf(other)) continue;
    const rest = subtract(child, other);
    if (!isLeaf(rest)) tree[element] = rest;
  }
  return tree;
}

/** The part of a tree whose fields the value still has. */
export function present(tree: FieldTree, value: Open): FieldTree {
  const kept: FieldTree = {};
  for (const [element, child] of Object.entries(tree)) {
    if (element === '.') {
      kept[element] = child;
      continue;
    }
    const inner = childAt(value, element);
    if (inner === undefined) continue;
    const rest = present(child, inner);
    if (isLeaf(child) || !isLeaf(rest)) kept[element] = rest;
  }
  return kept;
}
