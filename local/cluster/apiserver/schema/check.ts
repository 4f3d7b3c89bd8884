/** Compares an object with the schema of its kind. */
import { isJsonObject, type JsonObject } from '#local/cluster/apimachinery/json.ts';
import type { Field, Schema } from './model.ts';

export interface Finding {
  /** Field names and list indexes from the root. */
  readonly path: readonly (string | number)[];
  readonly kind: 'unknown' | 'type';
  readonly value: unknown;
  /** For a wrong type: the right one's name in Go, '' otherwise. */
  readonly expected: string;
  /** The Go struct that has, or lacks, the field. */
  readonly struct: string;
}

/** Quantities are strings in the schema, but the API server accepts numbers too. */
const quantityMaps = new Set(
  'allocatable allocatedResources capacity default defaultRequest hard limits max maxLimitRequestRatio min overhead podFixed requests used'.split(
    ' ',
  ),
);
const quantityFields = new Set([
  'EmptyDirVolumeSource.sizeLimit',
  'MetricTarget.averageValue',
  'MetricTarget.value',
  'MetricValueStatus.averageValue',
  'MetricValueStatus.value',
  'ResourceFieldSelector.divisor',
]);

/** Unknown fields, and values of another type than the schema says. null is allowed everywhere: it means absent. */
export function checkObject(schema: Schema, className: string, object: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  checkFields(schema, className, object, [], findings);
  return findings;
}

function checkFields(
  schema: Schema,
  className: string,
  value: JsonObject,
  path: Finding['path'],
  findings: Finding[],
): void {
  const struct = structName(className);
  for (const [name, child] of Object.entries(value)) {
    const field = schema.fieldsOf(className)?.get(name);
    const at = [...path, name];
    if (field === undefined) findings.push({ path: at, kind: 'unknown', value: child, expected: '', struct });
    else checkValue(schema, field, child, at, struct, findings);
  }
}

function checkValue(
  schema: Schema,
  { type, format }: Field,
  value: unknown,
  path: Finding['path'],
  struct: string,
  findings: Finding[],
): void {
  if (value === null || value === undefined || type === 'any' || type === 'IntOrString') return;
  const reject = (expected: string) => findings.push({ path, kind: 'type', value, expected, struct });
  const checkItem = (typeOfItem: string, item: unknown, step: string | number) =>
    checkValue(schema, { type: typeOfItem, format }, item, [...path, step], struct, findings);
  const itemType = /^Array<(.+)>$/.exec(type)?.[1];
  if (itemType !== undefined) {
    if (!Array.isArray(value)) reject(`[]${goType(itemType, format)}`);
    else for (const [index, item] of value.entries()) checkItem(itemType, item, index);
    return;
  }
  const valueType = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (valueType !== undefined) {
    if (!isJsonObject(value)) reject(`map[string]${goType(valueType, format)}`);
    else for (const [key, item] of Object.entries(value)) checkItem(valueType, item, key);
    return;
  }
  switch (type) {
    case 'string':
    case 'Date':
    case 'V1MicroTime':
      if (typeof value !== 'string' && !(typeof value === 'number' && isQuantity(path, struct))) reject('string');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') reject('bool');
      return;
    case 'number':
      if (typeof value !== 'number' || (format !== 'double' && !Number.isInteger(value))) reject(goType(type, format));
      return;
    default:
      if (!isJsonObject(value)) reject(goType(type, format));
      else if (schema.fieldsOf(type)) checkFields(schema, type, value, path, findings);
  }
}

function isQuantity(path: Finding['path'], struct: string): boolean {
  return quantityMaps.has(String(path.at(-2))) || quantityFields.has(`${struct}.${path.at(-1)}`);
}

function structName(className: string): string {
  return className.replace(/^[A-Za-z]*?V\d+((alpha|beta)\d+)?/, '');
}

function goType(type: string, format: string): string {
  if (type === 'number') return format === 'double' ? 'float64' : format;
  if (type === 'boolean') return 'bool';
  return /^[A-Z]/.test(type) && type !== 'Date' ? `v1.${structName(type)}` : 'string';
}
