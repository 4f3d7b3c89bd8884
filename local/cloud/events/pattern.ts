/**
 * Event patterns with content filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

export type Pattern = Readonly<Record<string, unknown>>;

type Json = unknown;

/** A pattern uses a filter that is not known here. */
export class InvalidPatternError extends Error {
  override readonly name = 'InvalidPatternError';
}

/** Whether an event has everything that a pattern asks for. */
export function matchesEvent(pattern: Pattern, event: Json): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or' && Array.isArray(wanted)) return wanted.some((choice) => matchesEvent(choice, event));
    const value = isObject(event) ? event[key] : undefined;
    if (Array.isArray(wanted)) return wanted.some((filter) => matchesFilter(filter, value));
    const candidates = Array.isArray(value) ? value : [value];
    return candidates.some((candidate) => matchesEvent(wanted as Pattern, candidate));
  });
}

/** @throws InvalidPatternError for a filter that would never match here, at the time a rule is made */
export function checkPattern(pattern: Pattern): void {
  for (const [key, wanted] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(wanted)) {
      wanted.forEach(checkPattern);
    } else if (Array.isArray(wanted)) {
      wanted.filter(isObject).forEach(operatorOf);
    } else if (isObject(wanted)) {
      checkPattern(wanted);
    } else {
      throw new InvalidPatternError(`"${key}" must be an object or an array`);
    }
  }
}

/** An array in the event matches when one of its elements does. */
function matchesFilter(filter: Json, value: Json): boolean {
  if (isObject(filter) && 'exists' in filter) return (value !== undefined && !isObject(value)) === filter['exists'];
  if (value === undefined) return false;
  const candidates = Array.isArray(value) ? value : [value];
  if (!isObject(filter)) return candidates.includes(filter);
  const [matches, operand] = operatorOf(filter);
  return candidates.some((candidate) => matches(operand, candidate));
}

type Operator = (operand: Json, value: Json) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  exists: () => true,
  prefix: text((operand, value) => value.startsWith(operand)),
  suffix: text((operand, value) => value.endsWith(operand)),
  'equals-ignore-case': text((operand, value) => value.toLowerCase() === operand.toLowerCase()),
  wildcard: text((operand, value) => wildcard(operand).test(value)),
  numeric: (operand, value) => typeof value === 'number' && inRange(operand as readonly (string | number)[], value),
  'anything-but': (operand, value) => {
    const excluded = Array.isArray(operand) ? operand : [operand];
    return !excluded.some((one) => (isObject(one) ? applyOperator(one, value) : one === value));
  },
};

function applyOperator(filter: Readonly<Record<string, Json>>, value: Json): boolean {
  const [matches, operand] = operatorOf(filter);
  return matches(operand, value);
}

function operatorOf(filter: Readonly<Record<string, Json>>): [Operator, Json] {
  const [name = '', ...others] = Object.keys(filter);
  const operator = operators[name];
  if (operator === undefined || others.length > 0) {
    const known = Object.keys(operators).join(', ');
    throw new InvalidPatternError(`the filter ${JSON.stringify(filter)} must have exactly one of ${known}`);
  }
  return [operator, filter[name]];
}

/** Text operators take a text, a list of texts, or (prefix and suffix) {"equals-ignore-case": text}. */
function text(matches: (operand: string, value: string) => boolean): Operator {
  return (operand, value) => {
    if (typeof value !== 'string') return false;
    if (isObject(operand)) {
      return matches(String(operand['equals-ignore-case']).toLowerCase(), value.toLowerCase());
    }
    return (Array.isArray(operand) ? operand : [operand]).some((one) => matches(String(one), value));
  };
}

/** e.g. [">", 0, "<=", 5] */
function inRange(limits: readonly (string | number)[], value: number): boolean {
  for (let index = 0; index < limits.length; index += 2) {
    const limit = Number(limits[index + 1]);
    const holds = {
      '<': value < limit,
      '<=': value <= limit,
      '=': value === limit,
      '>=': value >= limit,
      '>': value > limit,
    };
    if (!holds[limits[index] as keyof typeof holds]) return false;
  }
  return true;
}

function wildcard(operand: string): RegExp {
  const parts = operand.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
