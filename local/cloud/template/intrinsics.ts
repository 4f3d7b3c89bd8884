/** Resolves intrinsic functions. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
import { cidrBlocks } from './cidr.ts';
import { conditionHolds, noValue, type Scope, TemplateError } from './scope.ts';

type Resolver = (argument: unknown, scope: Scope) => unknown;

const resolvers: Readonly<Record<string, Resolver>> = {
  Ref: (name, scope) => reference(String(name), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    return attributeOf(logicalId!, String(resolve(attribute.join('.'), scope)), scope);
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    return listOf(resolve(parts, scope)).join(separator);
  },
  'Fn::Sub': (argument, scope) => substitute(argument as string | [string, Record<string, unknown>], scope),
  'Fn::Select': (argument, scope) => {
    const [index, list] = resolve(argument, scope) as [string | number, unknown];
    const selected = listOf(list)[Number(index)];
    if (selected === undefined) throw new TemplateError(`Fn::Select ${index} is beyond ${JSON.stringify(list)}`);
    return selected;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  'Fn::GetAZs': (region, scope) => {
    const name = String(resolve(region, scope) || scope.pseudo['AWS::Region']);
    return ['a', 'b', 'c'].map((zone) => `${name}${zone}`);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = resolve(argument, scope) as [string, string, string];
    const value = scope.template.Mappings?.[map]?.[first]?.[second];
    if (value === undefined) throw new TemplateError(`Mappings has no ${map}.${first}.${second}`);
    return value;
  },
  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = argument as [string, unknown, unknown];
    return resolve(conditionHolds(condition, scope.conditions) ? whenTrue : whenFalse, scope);
  },
  'Fn::Base64': (text, scope) => Buffer.from(String(resolve(text, scope))).toString('base64'),
  'Fn::Cidr': (argument, scope) => {
    const [block, count, bits] = resolve(argument, scope) as [string, string | number, string | number | undefined];
    return cidrBlocks(block, Number(count), Number(bits ?? 8));
  },
};

/** @throws TemplateError for a reference to nothing or a function the twin does not know */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => resolve(element, scope)).filter((element) => element !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    const resolver = resolvers[name];
    if (resolver === undefined) {
      throw new TemplateError(`${name} is not one of ${Object.keys(resolvers).join(', ')}: ${JSON.stringify(value)}`);
    }
    return resolver(argument, scope);
  }
  return Object.fromEntries(
    entries.map(([key, member]) => [key, resolve(member, scope)]).filter(([, member]) => member !== noValue),
  );
}

function reference(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return noValue;
  const value = scope.pseudo[name] ?? scope.parameters[name] ?? scope.resources.get(name)?.ref;
  if (value === undefined) throw new TemplateError(`Ref ${name}: there is no such parameter or created resource`);
  const isList = scope.template.Parameters?.[name]?.Type.match(/CommaDelimitedList|^List</);
  return isList ? String(value).split(',') : value;
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

function substitute(argument: string | [string, Record<string, unknown>], scope: Scope): string {
  const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolve(variables[name], scope));
    return String(name.includes('.') ? resolve({ 'Fn::GetAtt': name }, scope) : resolve({ Ref: name }, scope));
  });
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`expected a list, found ${JSON.stringify(value)}`);
}
