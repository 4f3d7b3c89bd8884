/**
 * Refuses what does not fit the schema, in the words of the API server: its decoder's for whole objects and patches, those of
 * the typed merge for server-side apply, which is strict whatever ?fieldValidation says.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */

import { ApiError, badRequest } from '#local/cluster/apimachinery/errors.ts';
import { isRecord, type Open } from '#local/cluster/apimachinery/object.ts';
import { apiVersionOf, type ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { keyValue, listKeys } from '../apply/merge-keys.ts';
import { checkObject, type Finding } from './check.ts';
import { loadSchema } from './model.ts';

export interface BodyToCheck {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly body: Open;
  /** ?fieldValidation=Strict; otherwise unknown fields pass. */
  readonly isStrict: boolean;
}

/** A whole object, to be created or to replace another. @throws ApiError BadRequest */
export async function checkWholeObject({ type, body, isStrict }: BodyToCheck): Promise<void> {
  const [unknown, wrong] = await findingsOf(type, body);
  const what = `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}`;
  if (wrong[0]) throw badRequest(`${what}: ${cannotUnmarshal(wrong[0])}`);
  if (isStrict && unknown.length > 0) throw badRequest(`${what}: ${strictError(unknown)}`);
}

/** A merge patch or strategic merge patch. @throws ApiError Invalid */
export async function checkMergePatch({ type, body, isStrict }: BodyToCheck): Promise<void> {
  if (!isStrict) return;
  const [unknown] = await findingsOf(type, body);
  const own = unknown.filter(({ path }) => !String(path.at(-1)).startsWith('$'));
  if (own.length === 0) return;
  throw new ApiError(422, 'Invalid', ` "" is invalid: patch: Invalid value: "${goText(body)}": ${strictError(own)}`);
}

/** An applied configuration. @throws ApiError without a reason, as the server answers */
export async function checkApplied({ type, namespace, name, body }: BodyToCheck): Promise<void> {
  const [unknown, wrong] = await findingsOf(type, body);
  const lines = [...unknown, ...wrong].map((finding) => `${typedPath(body, finding)}: ${typedError(finding)}`);
  if (lines.length === 0) return;
  const subject = `${namespace ?? ''}/${name}; ${apiVersionOf(type)}, Kind=${type.kind}`;
  const list = lines.length === 1 ? lines[0] : `errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${subject}): ${list}`);
}

async function findingsOf(type: ResourceType, body: Open): Promise<[unknown: Finding[], wrong: Finding[]]> {
  const schema = await loadSchema();
  const className = schema.classOf(type);
  if (className === undefined || !isRecord(body)) return [[], []];
  const findings = checkObject(schema, className, body);
  return [findings.filter(({ kind }) => kind === 'unknown'), findings.filter(({ kind }) => kind === 'type')];
}

function strictError(unknown: readonly Finding[]): string {
  const fields = unknown.map(({ path }) => `unknown field "${indexedPath(path)}"`);
  return `strict decoding error: ${fields.join(', ')}`;
}

function cannotUnmarshal({ path, value, wanted, struct }: Finding): string {
  const names = path.filter((step) => typeof step === 'string').join('.');
  const given = typeof value === 'number' && wanted.startsWith('int') ? `number ${value}` : jsonKind(value);
  return `json: cannot unmarshal ${given} into Go struct field ${struct}.${names} of type ${wanted}`;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** spec.containers[0].image */
function indexedPath(path: Finding['path']): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** .spec.containers[name="web"].image */
function typedPath(body: Open, { path }: Finding): string {
  let value: Open = body;
  let field = '';
  return path
    .map((step) => {
      const list = value;
      value = value[step];
      if (typeof step === 'string') {
        field = step;
        return `.${step}`;
      }
      const keys = listKeys(field, list);
      if (keys === undefined) return `[${step}]`;
      return `[${keys.map((key) => `${key}=${JSON.stringify(keyValue(value, key))}`).join(',')}]`;
    })
    .join('');
}

function typedError({ kind, value, wanted }: Finding): string {
  if (kind === 'unknown') return 'field not declared in schema';
  if (wanted.startsWith('[]')) return `expected list, got &{${goText(value)}}`;
  if (wanted.startsWith('map[') || wanted.startsWith('v1.')) return `expected map, got &{${goText(value)}}`;
  if (wanted === 'string') return `expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  if (wanted === 'bool') return 'expected boolean, got *value.valueUnstructured';
  return 'expected numeric (int or float), got *value.valueUnstructured';
}

/** As Go prints a decoded value: map[spec:map[replicas:2]]. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRecord(value)) return value === null ? '<nil>' : String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, child]) => `${key}:${goText(child)}`).join(' ')}]`;
}
