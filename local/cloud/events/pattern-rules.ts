/**
 * What EventBridge refuses in an event pattern, in the words of the library that it has published.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { isIP } from 'node:net';
import type { Pattern } from './pattern.ts';

/** EventBridge refuses the pattern. */
export class InvalidPatternError extends Error {
  override readonly name = 'InvalidEventPatternException';

  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
  }
}

const comparisons = new Set(['<', '<=', '=', '>=', '>']);
const maxNumber = 5_000_000_000;

/** Checks a pattern when its rule is created. @throws InvalidPatternError */
export function checkPattern(pattern: Pattern): void {
  if (Object.keys(pattern).length === 0) throw new InvalidPatternError('Empty objects are not allowed');
  for (const [key, condition] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(condition)) {
      if (condition.length < 2 || !condition.every(isObject))
        throw new InvalidPatternError('There must have at least 2 Objects in $or relationship.');
      condition.forEach(checkPattern);
    } else if (Array.isArray(condition)) {
      if (condition.length === 0) throw new InvalidPatternError(`Empty arrays are not allowed: "${key}"`);
      for (const value of condition) checkValue(key, value);
    } else if (isObject(condition)) {
      checkPattern(condition);
    } else {
      throw new InvalidPatternError(`"${key}" must be an object or an array`);
    }
  }
}

function checkValue(key: string, value: unknown): void {
  if (Array.isArray(value))
    throw new InvalidPatternError(`Match value must be String, number, true, false, or null: "${key}"`);
  if (!isObject(value)) return;
  const [operator = '', ...others] = Object.keys(value);
  if (others.length > 0 || operator === '') throw new InvalidPatternError('Only one key allowed in match expression');
  const check = operands[operator];
  if (check === undefined) throw new InvalidPatternError(`Unrecognized match type ${operator}`);
  check(value[operator], operator);
}

type OperandCheck = (operand: unknown, operator: string) => void;

const text: OperandCheck = (operand, operator) => {
  if (typeof operand !== 'string') throw new InvalidPatternError(`${operator} match pattern must be a string`);
};
/** A text, or a text whose case does not matter. */
const affix: OperandCheck = (operand, operator) => {
  if (isObject(operand) && Object.keys(operand).join() === 'equals-ignore-case')
    return text(operand['equals-ignore-case'], operator);
  text(operand, operator);
  if (operand === '') throw new InvalidPatternError('Null prefix/suffix not allowed');
};
const wildcard: OperandCheck = (operand, operator) => {
  text(operand, operator);
  const position = String(operand).indexOf('**');
  if (position >= 0) throw new InvalidPatternError(`Consecutive wildcard characters at pos ${position}`);
};

const operands: Readonly<Record<string, OperandCheck>> = {
  exists(operand) {
    if (typeof operand !== 'boolean')
      throw new InvalidPatternError('exists match pattern must be either true or false.');
  },
  prefix: affix,
  suffix: affix,
  'equals-ignore-case': text,
  wildcard,
  cidr(operand) {
    const [address = '', bits = ''] = typeof operand === 'string' ? operand.split('/') : [];
    const version = isIP(address);
    if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128))
      throw new InvalidPatternError(`Malformed CIDR, one '/' required: ${JSON.stringify(operand)}`);
  },
  numeric: checkNumeric,
  'anything-but': checkAnythingBut,
};

/** ["=", 5], [">", 0] or a range such as [">", 0, "<=", 5]. */
function checkNumeric(operand: unknown): void {
  const list = Array.isArray(operand) ? operand : [];
  const pairs = list.length / 2;
  const isPaired = list.every((part, index) => (index % 2 === 0 ? comparisons.has(part) : typeof part === 'number'));
  const [first, , second] = list;
  const isRange = pairs === 1 || (pairs === 2 && /^>/.test(first) && /^</.test(second) && list[1] < list[3]);
  if (!isPaired || !isRange) throw new InvalidPatternError(`Bad numeric range operator: ${JSON.stringify(operand)}`);
  if (list.some((part) => typeof part === 'number' && Math.abs(part) > maxNumber))
    throw new InvalidPatternError('Value must be between -5.0E9 and 5.0E9, inclusive');
}

/** A text or number, a list of texts or of numbers, or one of the text operators with texts. */
function checkAnythingBut(operand: unknown): void {
  if (isObject(operand)) {
    const [operator = '', ...others] = Object.keys(operand);
    const check = { prefix: affix, suffix: affix, wildcard, 'equals-ignore-case': text }[operator];
    if (check === undefined || others.length > 0)
      throw new InvalidPatternError(`Unsupported anything-but pattern: ${operator}`);
    for (const one of listOf(operand[operator])) check(one, operator);
    return;
  }
  const types = new Set(listOf(operand).map((one) => typeof one));
  if (![...types].every((type) => type === 'string' || type === 'number'))
    throw new InvalidPatternError('Value of anything-but must be an array or single string/number value.');
  if (types.size > 1)
    throw new InvalidPatternError(
      'Inside anything but list, either all values are Number or String, mixed type is not supported',
    );
}

function listOf(operand: unknown): readonly unknown[] {
  if (!Array.isArray(operand)) return [operand];
  if (operand.length === 0) throw new InvalidPatternError('Empty arrays are not allowed');
  return operand;
}

function isObject(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
