/**
 * Strategic merge patch: lists merge by their patchMergeKey, and the directives $patch, $retainKeys,
 * $deleteFromPrimitiveList and $setElementOrder are obeyed.
 * https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { isJsonObject, type JsonObject, valueAt } from '#local/cluster/apimachinery/json.ts';
import { equal } from '#local/cluster/apimachinery/object.ts';
import { isSet, strategicKey } from './merge-keys.ts';

const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/** Changes the target in place and returns it, or what replaces it. */
export function applyStrategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  if (patch['$patch'] === 'replace') {
    const { $patch: _directive, ...content } = patch;
    return content;
  }
  const result = isJsonObject(target) ? target : {};
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) {
    for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) mergeField(result, key, value);
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix) && Array.isArray(order)) reorder(result, key.slice(orderPrefix.length), order);
  }
  return result;
}

function mergeField(result: JsonObject, key: string, value: unknown): void {
  if (key.startsWith(deletePrefix)) {
    const field = key.slice(deletePrefix.length);
    const deleted = Array.isArray(value) ? value : [];
    result[field] = asList(result[field]).filter((item) => !deleted.includes(item));
    return;
  }
  if (key.startsWith('$')) return;
  if (value === null || valueAt(value, '$patch') === 'delete') delete result[key];
  else if (Array.isArray(value)) result[key] = mergeList(key, asList(result[key]), value);
  else result[key] = applyStrategicMergePatch(result[key], value);
}

function mergeList(field: string, target: unknown[], patch: readonly unknown[]): unknown[] {
  if (isSet(field)) return [...new Set([...target, ...patch])];
  const items = patch.filter((item) => !isReplaceDirective(item));
  const isReplaced = items.length < patch.length;
  const key = strategicKey(field, items.length > 0 ? items : target);
  if (key === undefined || isReplaced) return items;
  let result = target;
  for (const item of items) {
    const index = result.findIndex((other) => equal(valueAt(other, key), valueAt(item, key)));
    if (valueAt(item, '$patch') === 'delete') result = result.filter((_other, position) => position !== index);
    else if (index === -1) result.push(applyStrategicMergePatch({}, item));
    else result[index] = applyStrategicMergePatch(result[index], item);
  }
  return result;
}

/** {$patch: replace} as an item of its own: the list is replaced by the other items. */
function isReplaceDirective(item: unknown): boolean {
  return isJsonObject(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1;
}

function reorder(result: JsonObject, field: string, order: readonly unknown[]): void {
  const list = result[field];
  if (!Array.isArray(list)) return;
  const key = strategicKey(field, list);
  const keyIn = (item: unknown): unknown => (key === undefined ? item : valueAt(item, key));
  const positionOf = (item: unknown): number => {
    const position = order.findIndex((ordered) => equal(keyIn(ordered), keyIn(item)));
    return position === -1 ? order.length : position;
  };
  list.sort((a, b) => positionOf(a) - positionOf(b));
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
