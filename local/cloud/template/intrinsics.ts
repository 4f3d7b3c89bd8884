/**
 * Resolves intrinsic functions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { z } from 'zod';
import { cidrBlocks } from './cidr.ts';
import { conditionHolds, noValue, type Scope, TemplateError } from './scope.ts';

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const text = z.coerce.string();
const list = z.array(z.unknown());
const substitution = z.union([
  z.string().transform((pattern) => ({ pattern, variables: {} as Record<string, unknown> })),
  z
    .tuple([z.string(), z.record(z.string(), z.unknown())])
    .transform(([pattern, variables]) => ({ pattern, variables })),
]);

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: intrinsic(z.string(), reference),
  'Fn::GetAtt': intrinsic(z.union([z.string().transform((path) => path.split('.')), list]), (path, scope) => {
    const [logicalId, ...attribute] = resolve(path, scope) as readonly unknown[];
    return attributeOf(String(logicalId), attribute.join('.'), scope);
  }),
  'Fn::Join': resolvedIntrinsic(z.tuple([z.string(), list]), ([separator, parts]) => parts.join(separator)),
  'Fn::Sub': intrinsic(substitution, substitute),
  'Fn::Select': resolvedIntrinsic(z.tuple([z.coerce.number(), list]), ([index, values]) => {
    const selected = values[index];
    if (selected === undefined) throw new TemplateError(`Fn::Select ${index} is beyond ${JSON.stringify(values)}`);
    return selected;
  }),
  'Fn::Split': resolvedIntrinsic(z.tuple([z.string(), text]), ([separator, value]) => value.split(separator)),
  'Fn::GetAZs': resolvedIntrinsic(text, (region, scope) =>
    ['a', 'b', 'c'].map((zone) => `${region || scope.pseudo['AWS::Region']}${zone}`),
  ),
  'Fn::FindInMap': resolvedIntrinsic(z.tuple([text, text, text]), ([map, topLevelKey, secondLevelKey], scope) => {
    const value = scope.template.Mappings[map]?.[topLevelKey]?.[secondLevelKey];
    if (value === undefined) throw new TemplateError(`Mappings has no ${map}.${topLevelKey}.${secondLevelKey}`);
    return value;
  }),
  'Fn::If': intrinsic(
    z.tuple([z.string(), z.unknown(), z.unknown()]),
    // Only the chosen branch is resolved: the other one may refer to what the condition leaves out.
    ([condition, whenTrue, whenFalse], scope) =>
      resolve(conditionHolds(condition, scope.conditions) ? whenTrue : whenFalse, scope),
  ),
  'Fn::Base64': resolvedIntrinsic(text, (value) => Buffer.from(value).toString('base64')),
  'Fn::Cidr': resolvedIntrinsic(
    z.tuple([z.string(), z.coerce.number(), z.coerce.number().default(8)]),
    ([block, count, bits]) => cidrBlocks(block, count, bits),
  ),
};

/** @throws TemplateError for a reference to something that does not exist, and for a function that the twin does not know */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => resolve(element, scope)).filter((element) => element !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    const resolver = intrinsics[name];
    if (resolver === undefined) {
      throw new TemplateError(`${name} is not one of ${Object.keys(intrinsics).join(', ')}: ${JSON.stringify(value)}`);
    }
    return resolver(argument, scope);
  }
  return Object.fromEntries(
    entries.map(([key, member]) => [key, resolve(member, scope)]).filter(([, member]) => member !== noValue),
  );
}

/** A function that resolves its argument itself, or only a part of it. */
function intrinsic<Schema extends z.ZodType>(
  schema: Schema,
  run: (argument: z.output<Schema>, scope: Scope) => unknown,
): Intrinsic {
  return (argument, scope) => {
    const parsed = schema.safeParse(argument);
    if (!parsed.success) {
      throw new TemplateError(`${JSON.stringify(argument)}: ${parsed.error.issues[0]?.message}`);
    }
    return run(parsed.data, scope);
  };
}

/** A function whose argument is resolved before the function is. */
function resolvedIntrinsic<Schema extends z.ZodType>(
  schema: Schema,
  run: (argument: z.output<Schema>, scope: Scope) => unknown,
): Intrinsic {
  const inner = intrinsic(schema, run);
  return (argument, scope) => inner(resolve(argument, scope), scope);
}

function reference(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return noValue;
  const value = scope.pseudo[name] ?? scope.parameters[name] ?? scope.resources.get(name)?.ref;
  if (value === undefined) throw new TemplateError(`Ref ${name}: there is no such parameter or created resource`);
  const isList = scope.template.Parameters[name]?.Type.match(/CommaDelimitedList|^List</);
  return isList ? value.split(',') : value;
}

function attributeOf(logicalId: string, attribute: string, scope: Scope): string {
  const resource = scope.resources.get(logicalId);
  if (resource === undefined) throw new TemplateError(`Fn::GetAtt ${logicalId}.${attribute}: no such created resource`);
  const value = resource.attributes?.[attribute];
  if (value === undefined) {
    const type = scope.template.Resources[logicalId]?.Type;
    const known = Object.keys(resource.attributes ?? {}).join(', ') || 'none';
    throw new TemplateError(`Fn::GetAtt ${logicalId}.${attribute}: the twin's ${type} has ${known}`);
  }
  return value;
}

/** `${Name}`, `${LogicalId.Attribute}` and `${Variable}` are replaced; `${!Literal}` becomes `${Literal}`. */
function substitute({ pattern, variables }: z.output<typeof substitution>, scope: Scope): string {
  return pattern.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolve(variables[name], scope));
    return String(name.includes('.') ? resolve({ 'Fn::GetAtt': name }, scope) : resolve({ Ref: name }, scope));
  });
}
