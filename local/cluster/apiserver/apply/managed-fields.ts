/** metadata.managedFields: who set which field. */
import {
  equal,
  type FieldTree,
  type KubeObject,
  type ManagedFieldsEntry,
  timestamp,
} from '#local/cluster/apimachinery/object.ts';
import { changesOfObject, isLeaf, present, subtract, treeOfObject, union } from './field-tree.ts';

/** Records a create, PUT or PATCH by `manager`: it now owns what it changed, others lose that. */
export function recordUpdate(
  draft: KubeObject,
  previous: KubeObject | undefined,
  manager: string,
  subresource?: string,
): void {
  const changed = previous ? changesOfObject(previous, draft) : treeOfObject(draft);
  const entries = previous?.metadata.managedFields ?? [];
  const mine = entries.find(
    (entry) => entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource,
  );
  draft.metadata.managedFields = entries
    .filter((entry) => entry !== mine)
    .map((entry) => ({ ...entry, fieldsV1: present(subtract(entry.fieldsV1, changed), draft) }))
    .filter((entry) => !isLeaf(entry.fieldsV1));
  const fieldsV1 = present(union(mine?.fieldsV1 ?? {}, changed), draft);
  setManager(draft, {
    manager,
    operation: 'Update',
    apiVersion: draft.apiVersion,
    fieldsV1,
    ...(subresource && { subresource }),
    ...(mine && { before: mine }),
  });
}

interface ManagerUpdate {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsV1: FieldTree;
  readonly subresource?: string;
  readonly before?: ManagedFieldsEntry;
}

/** Puts one manager's entry in; its time moves only when its fields do, so that a repeated apply changes nothing. */
export function setManager(object: KubeObject, update: ManagerUpdate): void {
  const { before, ...rest } = update;
  object.metadata.managedFields ??= [];
  if (!isLeaf(update.fieldsV1)) {
    const unchanged = before !== undefined && equal(before.fieldsV1, update.fieldsV1);
    const time = unchanged ? before.time : timestamp();
    object.metadata.managedFields.push({ ...rest, time, fieldsType: 'FieldsV1' });
  }
  object.metadata.managedFields.sort((a, b) => entryKey(a).localeCompare(entryKey(b)));
  if (object.metadata.managedFields.length === 0) delete object.metadata.managedFields;
}

function entryKey({ operation, manager, subresource }: ManagedFieldsEntry): string {
  return `${operation}/${manager}/${subresource ?? ''}`;
}
