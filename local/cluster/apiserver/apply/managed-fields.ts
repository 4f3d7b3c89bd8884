/** metadata.managedFields: which manager set which field. */
import {
  equal,
  type FieldTree,
  type KubeObject,
  type ManagedFieldsEntry,
  timestamp,
} from '#local/cluster/apimachinery/object.ts';
import type { WriteOptions } from '#local/cluster/apimachinery/operations.ts';
import { changedFields, isLeaf, presentFields, subtract, treeOfObject, union } from './field-tree.ts';

/** Records a create, PUT or PATCH: the manager owns what it changed, and other managers no longer do. */
export function recordUpdate(
  draft: KubeObject,
  previous: KubeObject | undefined,
  manager: string,
  subresource?: string,
): void {
  const changed = previous ? changedFields(previous, draft) : treeOfObject(draft);
  const entries = previous?.metadata.managedFields ?? [];
  const own = entries.find(
    (entry) => entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource,
  );
  draft.metadata.managedFields = entries
    .filter((entry) => entry !== own)
    .map((entry) => ({ ...entry, fieldsV1: presentFields(subtract(entry.fieldsV1, changed), draft) }))
    .filter((entry) => !isLeaf(entry.fieldsV1));
  setManager(draft, {
    manager,
    operation: 'Update',
    apiVersion: draft.apiVersion,
    fieldsV1: presentFields(union(own?.fieldsV1 ?? {}, changed), draft),
    ...(subresource && { subresource }),
    ...(own && { previous: own }),
  });
}

/**
 * Records what a component of the cluster writes in one go: its changes of `status` go through that subresource, as
 * client-go's UpdateStatus does. A binding leaves no entry.
 */
export function recordWrite(
  manager: string,
  draft: KubeObject,
  previous: KubeObject | undefined,
  subresource: WriteOptions['subresource'],
): void {
  if (subresource === 'binding') return;
  if (previous === undefined || subresource !== undefined) {
    recordUpdate(draft, previous, manager, subresource);
    return;
  }
  const withoutStatus: KubeObject = { ...draft, status: previous['status'] };
  recordUpdate(withoutStatus, previous, manager);
  recordUpdate(draft, withoutStatus, manager, 'status');
}

interface ManagerUpdate {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsV1: FieldTree;
  readonly subresource?: string;
  readonly previous?: ManagedFieldsEntry;
}

/** Adds a manager's entry. Its time moves only when its fields do, so that a repeated apply changes nothing. */
export function setManager(object: KubeObject, { previous, ...entry }: ManagerUpdate): void {
  const entries = object.metadata.managedFields ?? [];
  if (!isLeaf(entry.fieldsV1)) {
    const isUnchanged = previous !== undefined && equal(previous.fieldsV1, entry.fieldsV1);
    entries.push({ ...entry, time: isUnchanged ? previous.time : timestamp(), fieldsType: 'FieldsV1' });
  }
  object.metadata.managedFields = entries.sort((a, b) => entryKey(a).localeCompare(entryKey(b)));
  if (entries.length === 0) delete object.metadata.managedFields;
}

function entryKey({ operation, manager, subresource }: ManagedFieldsEntry): string {
  return `${operation}/${manager}/${subresource ?? ''}`;
}
