/** Compares an object with its schema. */
import { isRecord, type Open } from '#local/cluster/apimachinery/object.ts';
import type { Field, Schema } from './model.ts';

export interface Finding {
  /** Field names and list indexes from the root. */
  readonly path: readonly (string | number)[];
  readonly kind: 'unknown' | 'type';
  readonly value: unknown;
  /** For a wrong type: what Go calls the right one, and the struct that has the field. */
  readonly wanted: string;
  readonly struct: string;
}

/** Quantities are strings in the schema; the server takes numbers as well. */
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

/** Everything in the object that its class does not have or has otherwise; null stands for nothing. */
export function checkObject(schema: Schema, className: string, object: Open): readonly Finding[] {
  const findings: Finding[] = [];
  checkFields(schema, className, object, [], findings);
  return findings;
}

function checkFields(
  schema: Schema,
  className: string,
  value: Record<string, Open>,
  path: Finding['path'],
  findings: Finding[],
): void {
  const struct = structName(className);
  for (const [name, child] of Object.entries(value)) {
    const field = schema.fieldsOf(className)?.get(name);
    const at = [...path, name];
    if (field === undefined) findings.push({ path: at, kind: 'unknown', value: child, wanted: '', struct });
    else checkValue(schema, field, child, at, struct, findings);
  }
}

function checkValue(
  schema: Schema,
  { type, format }: Field,
  value: Open,
  path: Finding['path'],
  struct: string,
  findings: Finding[],
): void {
  if (value === null || value === undefined || type === 'any' || type === 'IntOrString') return;
  const wrong = (wanted: string) => findings.push({ path, kind: 'type', value, wanted, struct });
  const element = /^Array<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) {
    if (!Array.isArray(value)) wrong(`[]${goType(element, format)}`);
    else
      for (const [index, item] of value.entries())
        checkValue(schema, { type: element, format }, item, [...path, index], struct, findings);
    return;
  }
  const mapped = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (mapped !== undefined) {
    if (!isRecord(value)) wrong(`map[string]${goType(mapped, format)}`);
    else
      for (const [key, item] of Object.entries(value))
        checkValue(schema, { type: mapped, format }, item, [...path, key], struct, findings);
    return;
  }
  switch (type) {
    case 'string':
    case 'Date':
    case 'V1MicroTime':
      if (typeof value !== 'string' && !(typeof value === 'number' && isQuantity(path, struct))) wrong('string');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') wrong('bool');
      return;
    case 'number':
      if (typeof value !== 'number' || (format !== 'double' && !Number.isInteger(value))) wrong(goType(type, format));
      return;
    default:
      if (!isRecord(value)) wrong(goType(type, format));
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
