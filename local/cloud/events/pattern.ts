/**
 * Event patterns with content filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

export type Pattern = Readonly<Record<string, unknown>>;

/** A pattern uses a filter that the twin does not know. */
export class InvalidPatternError extends Error {
  override readonly name = 'InvalidPatternError';
}

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

/** Checks a pattern when its rule is created. @throws InvalidPatternError for a filter that the twin does not know */
export function checkPattern(pattern: Pattern): void {
  for (const [key, condition] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(condition)) {
      condition.forEach(checkPattern);
    } else if (Array.isArray(condition)) {
      condition.filter(isObject).forEach(operatorOf);
    } else if (isObject(condition)) {
      checkPattern(condition);
    } else {
      throw new InvalidPatternError(`"${key}" must be an object or an array`);
    }
  }
}

/** An array in the event matches when one of its elements does. */
function matchesFilter(filter: unknown, value: unknown): boolean {
  if (isObject(filter) && 'exists' in filter) return (value !== undefined && !isObject(value)) === filter['exists'];
  if (value === undefined) return false;
  const candidates = Array.isArray(value) ? value : [value];
  if (!isObject(filter)) return candidates.includes(filter);
  return candidates.some((candidate) => applyOperator(filter, candidate));
}

type Operator = (operand: unknown, value: unknown) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  // matchesFilter handles it: it is the only operator that matches absent values.
  exists: () => true,
  prefix: textOperator((operand, value) => value.startsWith(operand)),
  suffix: textOperator((operand, value) => value.endsWith(operand)),
  'equals-ignore-case': textOperator((operand, value) => value.toLowerCase() === operand.toLowerCase()),
  wildcard: textOperator((operand, value) => wildcardExpression(operand).test(value)),
  numeric: (operand, value) => typeof value === 'number' && Array.isArray(operand) && isInRange(operand, value),
  'anything-but': (operand, value) => {
    const excluded = Array.isArray(operand) ? operand : [operand];
    return !excluded.some((one) => (isObject(one) ? applyOperator(one, value) : one === value));
  },
};

function applyOperator(filter: Pattern, value: unknown): boolean {
  const [operator, operand] = operatorOf(filter);
  return operator(operand, value);
}

/** @throws InvalidPatternError */
function operatorOf(filter: Pattern): [Operator, unknown] {
  const [name = '', ...others] = Object.keys(filter);
  const operator = operators[name];
  if (operator === undefined || others.length > 0) {
    const known = Object.keys(operators).join(', ');
    throw new InvalidPatternError(`the filter ${JSON.stringify(filter)} must have exactly one of ${known}`);
  }
  return [operator, filter[name]];
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

/** `*` stands for any characters; unlike in IAM patterns, `?` is a character like any other. */
function wildcardExpression(operand: string): RegExp {
  const parts = operand.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function isObject(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
