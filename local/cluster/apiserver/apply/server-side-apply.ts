/** Server-side apply: merge what a manager wants, refuse what another one owns, remove what it no longer wants. */
import { ApiError } from '#local/cluster/apimachinery/errors.ts';
import {
  copy,
  equal,
  type FieldTree,
  isRecord,
  type KubeObject,
  type ManagedFieldsEntry,
  type Open,
} from '#local/cluster/apimachinery/object.ts';
import { childAt, indexOf, isLeaf, itemElement, subtract, treeOfObject } from './field-tree.ts';
import { setManager } from './managed-fields.ts';
import { isAtomicMap, isSet, listKeys } from './merge-keys.ts';

export interface ApplyRequest {
  readonly manager: string;
  readonly force: boolean;
  readonly subresource?: string;
}

/** The object after the configuration is applied. @throws ApiError Conflict listing every contested field */
export function applyConfiguration(live: KubeObject, configuration: Open, request: ApplyRequest): KubeObject {
  const wanted = treeOfObject(configuration);
  const entries = live.metadata.managedFields ?? [];
  const mine = entries.find((entry) => isMine(entry, request));
  const others = entries.filter((entry) => entry !== mine);
  const conflicts = others.flatMap((entry) =>
    contested(wanted, entry.fieldsV1, live, configuration, '').map((field) => ({ entry, field })),
  );
  if (conflicts.length > 0 && !request.force) throw conflictError(conflicts);
  const merged = merge(copy(live), configuration, '') as KubeObject;
  if (mine) {
    const rest = others.map((entry) => entry.fieldsV1);
    dropUnwanted(mine.fieldsV1, wanted, rest, merged);
  }
  const lost = subtractAll(others, conflicts.length > 0 ? wanted : {}, live, configuration);
  merged.metadata.managedFields = lost;
  setManager(merged, {
    manager: request.manager,
    operation: 'Apply',
    apiVersion: configuration.apiVersion,
    fieldsV1: wanted,
    ...(request.subresource && { subresource: request.subresource }),
    ...(mine && { before: mine }),
  });
  return merged;
}

function isMine(entry: ManagedFieldsEntry, { manager, subresource }: ApplyRequest): boolean {
  return entry.manager === manager && entry.operation === 'Apply' && entry.subresource === subresource;
}

/** Paths that both want and that would change. */
function contested(wanted: FieldTree, owned: FieldTree, live: Open, next: Open, path: string): string[] {
  return Object.keys(wanted).flatMap((element) => {
    const other = owned[element];
    if (other === undefined || element === '.') return [];
    const [before, after] = [childAt(live, element), childAt(next, element)];
    const here = path + elementPath(element);
    if (!isLeaf(wanted[element]!) && !isLeaf(other)) return contested(wanted[element]!, other, before, after, here);
    return equal(before, after) ? [] : [here];
  });
}

/** After a forced apply, the fields that changed hands leave their old owners; equal ones stay shared. */
function subtractAll(
  entries: readonly ManagedFieldsEntry[],
  wanted: FieldTree,
  live: Open,
  next: Open,
): ManagedFieldsEntry[] {
  const changed = changedPart(wanted, live, next);
  return entries
    .map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, changed) }))
    .filter((entry) => !isLeaf(entry.fieldsV1));
}

function changedPart(tree: FieldTree, live: Open, next: Open): FieldTree {
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

function merge(live: Open, next: Open, field: string): Open {
  if (isRecord(live) && isRecord(next) && !isAtomicMap(field)) {
    for (const [key, child] of Object.entries(next)) live[key] = merge(live[key], child, key);
    return live;
  }
  if (!Array.isArray(live) || !Array.isArray(next)) return copy(next);
  if (isSet(field)) return [...next, ...live.filter((item) => !next.some((other) => equal(item, other)))];
  const keys = listKeys(field, [...next, ...live]);
  if (!keys) return copy(next);
  const elements = next.map((item) => itemElement(item, keys));
  const merged = next.map((item, index) => merge(live[indexOf(live, elements[index]!)], item, ''));
  return [...merged, ...live.filter((item) => !elements.includes(itemElement(item, keys)))];
}

/** Removes fields of the manager's last configuration that are not in this one and that nobody else owns. */
function dropUnwanted(old: FieldTree, wanted: FieldTree, others: readonly FieldTree[], value: Open): void {
  for (const [element, child] of Object.entries(old)) {
    const inner = childAt(value, element);
    if (element === '.' || inner === undefined) continue;
    const wantedChild = wanted[element];
    const otherChildren = others.flatMap((other) => (other[element] ? [other[element]] : []));
    if (wantedChild === undefined && otherChildren.length === 0 && (isLeaf(child) || !element.startsWith('f:'))) {
      remove(value, element);
      continue;
    }
    if (isLeaf(child)) continue;
    dropUnwanted(child, wantedChild ?? {}, otherChildren, inner);
    if (wantedChild === undefined && otherChildren.length === 0 && Object.keys(inner).length === 0)
      remove(value, element);
  }
}

function remove(value: Open, element: string): void {
  if (element.startsWith('f:')) delete value[element.slice(2)];
  else value.splice(indexOf(value, element), 1);
}

/** 'f:spec' -> '.spec', 'k:{"name":"web"}' -> '[name="web"]' */
function elementPath(element: string): string {
  if (element.startsWith('f:')) return `.${element.slice(2)}`;
  if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
  const keys = Object.entries(JSON.parse(element.slice(2)));
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}

function conflictError(conflicts: readonly { entry: ManagedFieldsEntry; field: string }[]): ApiError {
  const causes = conflicts.map(({ entry, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${entry.manager}"${entry.operation === 'Update' ? ` using ${entry.apiVersion}` : ''}`,
    field,
  }));
  const text =
    causes.length === 1
      ? `1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `${causes.length} conflicts: ${causes.map(({ message, field }) => `${message}:\n- ${field}`).join('\n')}`;
  return new ApiError(409, 'Conflict', `Apply failed with ${text}`, { causes });
}
