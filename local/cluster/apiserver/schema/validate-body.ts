/**
 * Refuses bodies that do not fit the schema. Three parts of the API server check them, each with errors of its own: the
 * decoder (whole objects), the patch handler, and the typed merge of server-side apply, which is always strict.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
import { ApiError, badRequest } from '#local/cluster/apimachinery/errors.ts';
import { isJsonObject, valueAt } from '#local/cluster/apimachinery/json.ts';
import { apiVersionOf, type ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { keyValue, listKeys } from '../apply/merge-keys.ts';
import { checkObject, type Finding } from './check.ts';
import { loadSchema } from './model.ts';

export interface BodyToCheck {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly body: unknown;
  /** ?fieldValidation=Strict. Otherwise unknown fields are accepted. */
  readonly isStrict: boolean;
}

/** The body of a POST or PUT. @throws ApiError BadRequest */
export async function checkWholeObject({ type, body, isStrict }: BodyToCheck): Promise<void> {
  const [unknownFields, wrongTypes] = await findingsOf(type, body);
  const failure = `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}`;
  if (wrongTypes[0]) throw badRequest(`${failure}: ${cannotUnmarshal(wrongTypes[0])}`);
  if (isStrict && unknownFields.length > 0) throw badRequest(`${failure}: ${strictError(unknownFields)}`);
}

/** A JSON merge patch or strategic merge patch. @throws ApiError Invalid */
export async function checkMergePatch({ type, body, isStrict }: BodyToCheck): Promise<void> {
  if (!isStrict) return;
  const [unknownFields] = await findingsOf(type, body);
  const own = unknownFields.filter(({ path }) => !String(path.at(-1)).startsWith('$'));
  if (own.length === 0) return;
  throw new ApiError(422, 'Invalid', ` "" is invalid: patch: Invalid value: "${goText(body)}": ${strictError(own)}`);
}

/** An applied configuration. @throws ApiError 500 without a reason, as the real server answers */
export async function checkApplied({ type, namespace, name, body }: BodyToCheck): Promise<void> {
  const [unknownFields, wrongTypes] = await findingsOf(type, body);
  const lines = [...unknownFields, ...wrongTypes].map(
    (finding) => `${typedPath(body, finding)}: ${typedError(finding)}`,
  );
  if (lines.length === 0) return;
  const subject = `${namespace ?? ''}/${name}; ${apiVersionOf(type)}, Kind=${type.kind}`;
  const list = lines.length === 1 ? lines[0] : `errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${subject}): ${list}`);
}

async function findingsOf(
  type: ResourceType,
  body: unknown,
): Promise<[unknownFields: Finding[], wrongTypes: Finding[]]> {
  const schema = await loadSchema();
  const className = schema.classOf(type);
  if (className === undefined || !isJsonObject(body)) return [[], []];
  const findings = checkObject(schema, className, body);
  return [findings.filter(({ kind }) => kind === 'unknown'), findings.filter(({ kind }) => kind === 'type')];
}

function strictError(unknownFields: readonly Finding[]): string {
  const fields = unknownFields.map(({ path }) => `unknown field "${indexedPath(path)}"`);
  return `strict decoding error: ${fields.join(', ')}`;
}

function cannotUnmarshal({ path, value, expected, struct }: Finding): string {
  const names = path.filter((step) => typeof step === 'string').join('.');
  const given = typeof value === 'number' && expected.startsWith('int') ? `number ${value}` : jsonKind(value);
  return `json: cannot unmarshal ${given} into Go struct field ${struct}.${names} of type ${expected}`;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The path as the decoder writes it: spec.containers[0].image */
function indexedPath(path: Finding['path']): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** The path as the typed merge writes it: .spec.containers[name="web"].image */
function typedPath(body: unknown, { path }: Finding): string {
  let value = body;
  let field = '';
  return path
    .map((step) => {
      if (typeof step === 'string') {
        value = valueAt(value, step);
        field = step;
        return `.${step}`;
      }
      const list: unknown[] = Array.isArray(value) ? value : [];
      value = list[step];
      const keys = listKeys(field, list);
      if (keys === undefined) return `[${step}]`;
      return `[${keys.map((key) => `${key}=${JSON.stringify(keyValue(value, key))}`).join(',')}]`;
    })
    .join('');
}

function typedError({ kind, value, expected }: Finding): string {
  if (kind === 'unknown') return 'field not declared in schema';
  if (expected.startsWith('[]')) return `expected list, got &{${goText(value)}}`;
  if (expected.startsWith('map[') || expected.startsWith('v1.')) return `expected map, got &{${goText(value)}}`;
  if (expected === 'string') return `expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  if (expected === 'bool') return 'expected boolean, got *value.valueUnstructured';
  return 'expected numeric (int or float), got *value.valueUnstructured';
}

/** A decoded value as Go prints it: map[spec:map[replicas:2]]. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, child]) => `${key}:${goText(child)}`).join(' ')}]`;
}
