/** JSON patch, RFC 6902. */
import { ApiError, badRequest } from '#local/cluster/apimachinery/errors.ts';
import { isJsonObject, type JsonObject, stringAt } from '#local/cluster/apimachinery/json.ts';
import { copy, equal } from '#local/cluster/apimachinery/object.ts';

/** The place that a JSON pointer names; the value itself may be missing. */
interface Location {
  readonly pointer: string;
  readonly parent: JsonObject | unknown[];
  readonly key: string;
}

/** Changes the document in place and returns it, or what replaced it. @throws ApiError */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch must be a list of operations');
  const root = { document };
  for (const operation of operations) applyOperation(root, operation);
  return root.document;
}

function applyOperation(root: JsonObject, operation: unknown): void {
  if (!isJsonObject(operation)) throw badRequest('an operation of a JSON patch must be an object');
  const { op, value } = operation;
  const path = locate(root, stringAt(operation, 'path') ?? '');
  const from = (): Location => locate(root, stringAt(operation, 'from') ?? '');
  switch (op) {
    case 'add':
      insert(path, value);
      return;
    case 'remove':
      remove(path);
      return;
    case 'replace':
      read(path);
      if (Array.isArray(path.parent)) path.parent[Number(path.key)] = value;
      else path.parent[path.key] = value;
      return;
    case 'copy':
      insert(path, copy(read(from())));
      return;
    case 'move': {
      const source = from();
      const moved = read(source);
      remove(source);
      // Located again: removing the source may have moved the target.
      insert(locate(root, path.pointer), moved);
      return;
    }
    case 'test':
      if (equal(valueIn(path), value)) return;
      throw rejected(`testing ${path.pointer} failed`);
    default:
      throw badRequest(`json patch: unexpected op: ${String(op)}`);
  }
}

function locate(root: JsonObject, pointer: string): Location {
  const steps = pointer.split('/').slice(1);
  const keys = ['document', ...steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))];
  const key = keys.pop()!;
  const parent = keys.reduce<unknown>((value, step) => childOf(value, step), root);
  if (!isJsonObject(parent) && !Array.isArray(parent)) throw missing(pointer);
  return { pointer, parent, key };
}

function childOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isJsonObject(value) ? value[key] : undefined;
}

function valueIn({ parent, key }: Location): unknown {
  return childOf(parent, key);
}

function read(location: Location): unknown {
  const value = valueIn(location);
  if (value === undefined) throw missing(location.pointer);
  return value;
}

function insert({ parent, key }: Location, value: unknown): void {
  if (!Array.isArray(parent)) parent[key] = value;
  else parent.splice(key === '-' ? parent.length : Number(key), 0, value);
}

function remove(location: Location): void {
  read(location);
  const { parent, key } = location;
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function missing(pointer: string): ApiError {
  return rejected(`path ${pointer} is missing`);
}

function rejected(reason: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${reason}`);
}
