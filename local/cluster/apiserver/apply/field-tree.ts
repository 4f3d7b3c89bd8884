/** FieldsV1 trees: which fields a value has, how two values differ, and how to walk a value along a tree. */
import { isJsonObject } from '#local/cluster/apimachinery/json.ts';
import { equal, type FieldTree } from '#local/cluster/apimachinery/object.ts';
import { isAtomicMap, isSet, keyValue, listKeys } from './merge-keys.ts';

/** Metadata that no field manager owns. */
const serverMetadata = new Set([
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
export function treeOfObject(object: unknown): FieldTree {
  return withoutServerFields(treeOf(object, ''));
}

/** The fields of `next` that `old` lacks or has with another value. */
export function changedFields(old: unknown, next: unknown): FieldTree {
  return withoutServerFields(changes(old, next, ''));
}

function withoutServerFields(tree: FieldTree): FieldTree {
  const { 'f:apiVersion': _apiVersion, 'f:kind': _kind, 'f:metadata': metadata, ...rest } = tree;
  const owned = Object.entries(metadata ?? {}).filter(([element]) => !serverMetadata.has(element.slice('f:'.length)));
  return owned.length > 0 ? { 'f:metadata': Object.fromEntries(owned), ...rest } : rest;
}

function treeOf(value: unknown, field: string): FieldTree {
  if (isJsonObject(value) && !isAtomicMap(field)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, treeOf(child, key)]));
  }
  const elements = elementsOf(value, field);
  if (elements === undefined) return {};
  return Object.fromEntries(
    elements.map(([element, item]) => [element, isJsonObject(item) ? { '.': {}, ...treeOf(item, '') } : {}]),
  );
}

function changes(old: unknown, next: unknown, field: string): FieldTree {
  const oldChildren = childrenOf(old, field);
  const nextChildren = childrenOf(next, field);
  if (oldChildren === undefined || nextChildren === undefined) return treeOf(next, field);
  const tree: FieldTree = {};
  for (const [element, child] of nextChildren) {
    const before = oldChildren.get(element);
    if (equal(before, child)) continue;
    const name = element.startsWith('f:') ? element.slice('f:'.length) : '';
    tree[element] = before === undefined ? memberTree(element, child, name) : changes(before, child, name);
  }
  return tree;
}

function memberTree(element: string, child: unknown, name: string): FieldTree {
  const tree = treeOf(child, name);
  return element.startsWith('k:') ? { '.': {}, ...tree } : tree;
}

function childrenOf(value: unknown, field: string): Map<string, unknown> | undefined {
  if (isJsonObject(value) && !isAtomicMap(field)) {
    return new Map(Object.entries(value).map(([key, child]) => [`f:${key}`, child]));
  }
  const elements = elementsOf(value, field);
  return elements && new Map(elements);
}

/** The items of a list that merges: ['k:{"name":"web"}', item] or ['v:"text"', item]; undefined for any other value. */
function elementsOf(value: unknown, field: string): [string, unknown][] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (isSet(field)) return value.map((item) => [`v:${JSON.stringify(item)}`, item]);
  const keys = listKeys(field, value);
  return keys && value.map((item) => [itemElement(item, keys), item]);
}

/** The element of a list item: 'k:{"name":"web"}'. */
export function itemElement(item: unknown, keys: readonly string[]): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, keyValue(item, key)])))}`;
}

/** The child of a value at one element of a tree. */
export function childAt(value: unknown, element: string): unknown {
  if (element.startsWith('f:')) return isJsonObject(value) ? value[element.slice('f:'.length)] : undefined;
  return Array.isArray(value) ? value[indexOfElement(value, element)] : undefined;
}

/** Removes the child of a value at one element of a tree. */
export function removeAt(value: unknown, element: string): void {
  if (isJsonObject(value)) delete value[element.slice('f:'.length)];
  else if (Array.isArray(value)) value.splice(indexOfElement(value, element), 1);
}

/** -1 when the list has no such item. */
export function indexOfElement(list: readonly unknown[], element: string): number {
  const content: unknown = JSON.parse(element.slice('k:'.length));
  if (element.startsWith('v:')) return list.findIndex((item) => equal(item, content));
  const entries = Object.entries(isJsonObject(content) ? content : {});
  return list.findIndex(
    (item) => isJsonObject(item) && entries.every(([key, value]) => equal(keyValue(item, key), value)),
  );
}

/** A tree without children stands for one whole value. */
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
export function presentFields(tree: FieldTree, value: unknown): FieldTree {
  const present: FieldTree = {};
  for (const [element, child] of Object.entries(tree)) {
    if (element === '.') {
      present[element] = child;
      continue;
    }
    const inner = childAt(value, element);
    if (inner === undefined) continue;
    const rest = presentFields(child, inner);
    if (isLeaf(child) || !isLeaf(rest)) present[element] = rest;
  }
  return present;
}
