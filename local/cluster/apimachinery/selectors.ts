/** Label selectors, as text and as the LabelSelector of a spec, and field selectors. */
import { badRequest } from './errors.ts';
import { valueAt } from './json.ts';
import type { LabelSelector } from './kinds.ts';
import type { KubeObject } from './object.ts';

export type ObjectFilter = (object: KubeObject) => boolean;

type Labels = Readonly<Record<string, string>>;
type LabelTest = (labels: Labels) => boolean;

/** Parses `app=web,tier in (a,b),!legacy`. @throws ApiError BadRequest */
export function parseLabelSelector(text: string): ObjectFilter {
  const tests = splitOutsideParentheses(text).map(parseRequirement);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

function parseRequirement(text: string): LabelTest {
  const requirement = text.trim();
  const set = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(requirement);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => {
      const isInList = labels[key] !== undefined && values.includes(labels[key]);
      return isInList === (operator === 'in');
    };
  }
  const comparison = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/.exec(requirement);
  if (comparison) {
    const [, key = '', operator, value] = comparison;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const presence = /^(!?)([^\s!=(),]+)$/.exec(requirement);
  if (presence) {
    const [, negation, key = ''] = presence;
    return (labels) => Object.hasOwn(labels, key) === (negation === '');
  }
  throw badRequest(`unable to parse requirement: "${requirement}"`);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '');
}

/** Whether labels match a spec's selector. An absent selector matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => matchesExpression(expression, labels))
  );
}

/** Whether labels match a plain map, as a Service has one. An empty map matches nothing. */
export function matchesLabels(selector: Labels | undefined = {}, labels: Labels = {}): boolean {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** One requirement of a label or node selector. @throws ApiError BadRequest for an unknown operator */
export function matchesExpression({ key, operator, values = [] }: SelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      throw badRequest(`"${operator}" is not a valid label selector operator`);
  }
}

/** Parses `metadata.name=a,status.phase!=Failed`. An absent field equals the empty text. @throws ApiError BadRequest */
export function parseFieldSelector(text: string): ObjectFilter {
  const tests = text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(part.trim());
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      const [, path = '', operator, value] = match;
      return (object: KubeObject) => (fieldText(object, path) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: KubeObject, path: string): string {
  const value = valueAt(object, ...path.split('.'));
  return value === undefined || value === null ? '' : String(value);
}
