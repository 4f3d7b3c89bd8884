/** Label selectors (both notations) and field selectors. */
import { badRequest } from './errors.ts';
import type { KubeObject, Open } from './object.ts';

export type ObjectFilter = (object: KubeObject) => boolean;

/** `app=web,tier in (a,b),!legacy` */
export function parseLabelSelector(text: string): ObjectFilter {
  const tests = splitOutsideParentheses(text).map(parseRequirement);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

function parseRequirement(text: string): LabelTest {
  const requirement = text.trim();
  const set = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(requirement);
  if (set) {
    const [, key, operator, list] = set as unknown as [string, string, string, string];
    const values = list.split(',').map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? '\0') === (operator === 'in');
  }
  const comparison = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/.exec(requirement);
  if (comparison) {
    const [, key, operator, value] = comparison as unknown as [string, string, string, string];
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const presence = /^(!?)([^\s!=(),]+)$/.exec(requirement);
  if (presence) {
    const [, absent, key] = presence as unknown as [string, string, string];
    return (labels) => Object.hasOwn(labels, key) === (absent === '');
  }
  throw badRequest(`unable to parse requirement: "${requirement}"`);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '');
}

/** The LabelSelector of a spec: matchLabels and matchExpressions. An absent selector matches nothing. */
export function matchesSelector(selector: Open, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined || selector === null) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((expression: Open) => matchesExpression(expression, labels));
}

/** A plain map of labels, as in a Service. An empty one matches nothing. */
export function matchesLabels(
  wanted: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  const entries = Object.entries(wanted ?? {});
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

export function matchesExpression(expression: Open, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[expression.key];
  switch (expression.operator) {
    case 'In':
      return value !== undefined && expression.values.includes(value);
    case 'NotIn':
      return value === undefined || !expression.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(expression.values[0]);
    case 'Lt':
      return Number(value) < Number(expression.values[0]);
    default:
      throw badRequest(`"${expression.operator}" is not a valid label selector operator`);
  }
}

/** `metadata.name=a,status.phase!=Failed`; an absent field equals the empty string. */
export function parseFieldSelector(text: string): ObjectFilter {
  const tests = text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(part.trim());
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      const [, path, operator, value] = match as unknown as [string, string, string, string];
      return (object: KubeObject) => (fieldText(object, path) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: KubeObject, path: string): string {
  const value = path.split('.').reduce<Open>((part, key) => part?.[key], object);
  return value === undefined || value === null ? '' : String(value);
}
