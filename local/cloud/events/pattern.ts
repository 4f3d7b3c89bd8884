/**
 * Event patterns with content filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP } from 'node:net';

export type Pattern = Readonly<Record<string, unknown>>;

/** Whether an event has everything that a pattern requires. */
export function matchesEvent(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, condition]) => {
    if (key === '$or' && Array.isArray(condition)) return condition.some((choice) => matchesEvent(choice, event));
    const value = isObject(event) ? event[key] : undefined;
    if (Array.isArray(condition)) return condition.some((filter) => matchesFilter(filter, value));
    const candidates = Array.isArray(value) ? value : [value];
    return isObject(condition) && candidates.some((candidate) => matchesEvent(condition, candidate));
  });
}

/** An array in the event matches when one of its elements does. */
function matchesFilter(filter: unknown, value: unknown): boolean {
  if (isObject(filter) && 'exists' in filter) return hasLeaf(value) === filter['exists'];
  if (value === undefined) return false;
  const candidates = Array.isArray(value) ? value : [value];
  if (!isObject(filter)) return candidates.includes(filter);
  return candidates.some((candidate) => applyOperator(filter, candidate));
}

/** `exists` works on leaves: an object is none, and an empty list has none. */
const hasLeaf = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(hasLeaf) : value !== undefined && !isObject(value);

type Operator = (operand: unknown, value: unknown) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  // matchesFilter handles it: it is the only operator that matches absent values.
  exists: () => true,
  prefix: textOperator((operand, value) => value.startsWith(operand)),
  suffix: textOperator((operand, value) => value.endsWith(operand)),
  'equals-ignore-case': textOperator((operand, value) => value.toLowerCase() === operand.toLowerCase()),
  wildcard: textOperator((operand, value) => wildcardExpression(operand).test(value)),
  numeric: (operand, value) => typeof value === 'number' && Array.isArray(operand) && isInRange(operand, value),
  cidr: textOperator((operand, value) => isInSubnet(operand, value)),
  'anything-but': (operand, value) => {
    const excluded = Array.isArray(operand) ? operand : [operand];
    return !excluded.some((one) => (isObject(one) ? applyOperator(one, value) : one === value));
  },
};

function applyOperator(filter: Pattern, value: unknown): boolean {
  const [[name, operand] = ['', undefined]] = Object.entries(filter);
  return operators[name]?.(operand, value) ?? false;
}

/** The operand is a text, a list of texts, or (for prefix and suffix) {"equals-ignore-case": text}. */
function textOperator(matches: (operand: string, value: string) => boolean): Operator {
  return (operand, value) => {
    if (typeof value !== 'string') return false;
    if (isObject(operand)) {
      return matches(String(operand['equals-ignore-case']).toLowerCase(), value.toLowerCase());
    }
    return (Array.isArray(operand) ? operand : [operand]).some((one) => matches(String(one), value));
  };
}

/** @param limits e.g. ['>', 0, '<=', 5] */
function isInRange(limits: readonly unknown[], value: number): boolean {
  for (let index = 0; index < limits.length; index += 2) {
    const limit = Number(limits[index + 1]);
    const comparisons: Readonly<Record<string, boolean>> = {
      '<': value < limit,
      '<=': value <= limit,
      '=': value === limit,
      '>=': value >= limit,
      '>': value > limit,
    };
    if (!comparisons[String(limits[index])]) return false;
  }
  return true;
}

function isInSubnet(cidr: string, address: string): boolean {
  const version = isIP(address);
  const [network = '', bits] = cidr.split('/');
  if (version === 0 || version !== isIP(network)) return false;
  const type = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(address, type);
}

/** `*` stands for any characters; unlike in IAM patterns, `?` is a character like any other. */
function wildcardExpression(operand: string): RegExp {
  const parts = operand.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function isObject(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
