/** JSON patch (RFC 6902), JSON merge patch (RFC 7386) and strategic merge patch. */
import { ApiError, badRequest } from '#local/cluster/apimachinery/errors.ts';
import { copy, equal, isRecord, type Open } from '#local/cluster/apimachinery/object.ts';
import { strategicKey } from './merge-keys.ts';

/** The patched copy of an object. @throws ApiError when the patch does not fit */
export function applyPatch(contentType: string, object: Open, patch: Open): Open {
  switch (contentType) {
    case 'application/json-patch+json':
      return jsonPatch(copy(object), patch);
    case 'application/merge-patch+json':
      return mergePatch(copy(object), patch);
    case 'application/strategic-merge-patch+json':
      return strategicPatch(copy(object), patch);
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format: ${contentType}`,
      );
  }
}

function mergePatch(target: Open, patch: Open): Open {
  if (!isRecord(patch)) return patch;
  const result = isRecord(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function jsonPatch(document: Open, operations: Open): Open {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch must be a list of operations');
  const root = { document };
  for (const operation of operations) applyOperation(root, operation);
  return root.document;
}

function applyOperation(root: Open, { op, path, from, value }: Open): void {
  const place = locate(root, path);
  switch (op) {
    case 'add':
      insert(place, value);
      return;
    case 'remove':
      removeAt(place, path);
      return;
    case 'replace':
      readAt(place, path);
      place.parent[place.key] = value;
      return;
    case 'copy':
      insert(place, copy(readAt(locate(root, from), from)));
      return;
    case 'move': {
      const source = locate(root, from);
      const moved = readAt(source, from);
      removeAt(source, from);
      insert(locate(root, path), moved);
      return;
    }
    case 'test':
      if (equal(place.parent[place.key], value)) return;
      throw new ApiError(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request: testing ${path} failed`,
      );
    default:
      throw badRequest(`json patch: unexpected op: ${op}`);
  }
}

interface Place {
  readonly parent: Open;
  readonly key: string;
}

function locate(root: Open, pointer: string): Place {
  const keys = [
    'document',
    ...pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
  const key = keys.pop()!;
  const parent = keys.reduce<Open>((value, part) => value?.[part], root);
  if (parent === undefined || parent === null) throw missingPath(pointer);
  return { parent, key };
}

function insert({ parent, key }: Place, value: Open): void {
  if (!Array.isArray(parent)) parent[key] = value;
  else parent.splice(key === '-' ? parent.length : Number(key), 0, value);
}

function readAt({ parent, key }: Place, pointer: string): Open {
  if (parent[key] === undefined) throw missingPath(pointer);
  return parent[key];
}

function removeAt(place: Place, pointer: string): void {
  readAt(place, pointer);
  if (Array.isArray(place.parent)) place.parent.splice(Number(place.key), 1);
  else delete place.parent[place.key];
}

function missingPath(pointer: string): ApiError {
  return new ApiError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: path ${pointer} is missing`,
  );
}

/** Merges lists by their patchMergeKey and obeys $patch, $retainKeys, $deleteFromPrimitiveList and $setElementOrder. */
function strategicPatch(target: Open, patch: Open): Open {
  if (!isRecord(patch)) return patch;
  if (patch.$patch === 'replace') return without(patch, '$patch');
  const result = isRecord(target) ? target : {};
  if (Array.isArray(patch.$retainKeys)) {
    for (const key of Object.keys(result)) if (!patch.$retainKeys.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length);
      result[field] = (result[field] ?? []).filter((item: Open) => !value.includes(item));
    } else if (key.startsWith('$')) {
    } else if (value === null || value?.$patch === 'delete') delete result[key];
    else if (Array.isArray(value)) result[key] = patchList(key, result[key], value);
    else result[key] = isRecord(value) ? strategicPatch(result[key], value) : value;
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith('$setElementOrder/')) reorder(result, key.slice('$setElementOrder/'.length), order);
  }
  return result;
}

function patchList(field: string, target: Open, patch: Open[]): Open {
  if (field === 'finalizers') return [...new Set([...(target ?? []), ...patch])];
  const items = patch.filter(
    (item) => !(isRecord(item) && item.$patch === 'replace' && Object.keys(item).length === 1),
  );
  const replaced = items.length < patch.length;
  const key = strategicKey(field, items.length > 0 ? items : (target ?? []));
  if (key === undefined || replaced) return items;
  let result: Open[] = target ?? [];
  for (const item of items) {
    const at = result.findIndex((other) => equal(other[key], item[key]));
    if (item.$patch === 'delete') result = result.filter((_other, index) => index !== at);
    else if (at === -1) result.push(strategicPatch({}, item));
    else result[at] = strategicPatch(result[at], item);
  }
  return result;
}

function reorder(result: Open, field: string, order: Open[]): void {
  const list: Open[] | undefined = result[field];
  if (!Array.isArray(list)) return;
  const key = strategicKey(field, list);
  const placeOf = (item: Open) => {
    const at = order.findIndex((wanted) => (key ? equal(wanted[key], item[key]) : equal(wanted, item)));
    return at === -1 ? order.length : at;
  };
  list.sort((a, b) => placeOf(a) - placeOf(b));
}

function without(value: Record<string, Open>, key: string): Record<string, Open> {
  const { [key]: _dropped, ...rest } = value;
  return rest;
}
