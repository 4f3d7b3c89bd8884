/** Conflicts of a server-side apply: fields that another manager owns and that the configuration would change. */
import { ApiError } from '#local/cluster/apimachinery/errors.ts';
import { equal, type FieldTree, type ManagedFieldsEntry } from '#local/cluster/apimachinery/object.ts';
import { childAt, isLeaf } from './field-tree.ts';

/** Paths such as `.spec.replicas`. */
export function conflictingFields(
  applied: FieldTree,
  owned: FieldTree,
  live: unknown,
  next: unknown,
  path = '',
): string[] {
  return Object.entries(applied).flatMap(([element, child]) => {
    const other = owned[element];
    if (other === undefined || element === '.') return [];
    const [before, after] = [childAt(live, element), childAt(next, element)];
    const elementPath = path + pathStep(element);
    if (!isLeaf(child) && !isLeaf(other)) return conflictingFields(child, other, before, after, elementPath);
    return equal(before, after) ? [] : [elementPath];
  });
}

/** 'f:spec' is '.spec', 'k:{"name":"web"}' is '[name="web"]'. */
function pathStep(element: string): string {
  const content = element.slice('f:'.length);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('v:')) return `[=${content}]`;
  const keys = Object.entries<unknown>(JSON.parse(content));
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}

export function conflictError(
  conflicts: readonly { readonly entry: ManagedFieldsEntry; readonly field: string }[],
): ApiError {
  const causes = conflicts.map(({ entry, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerOf(entry)}`,
    field,
  }));
  const text =
    causes.length === 1
      ? `1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `${causes.length} conflicts: ${causes.map(({ message, field }) => `${message}:\n- ${field}`).join('\n')}`;
  return new ApiError(409, 'Conflict', `Apply failed with ${text}`, { causes });
}

function managerOf({ manager, operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const through = subresource === undefined ? '' : ` with subresource "${subresource}"`;
  return `"${manager}"${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
