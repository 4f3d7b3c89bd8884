/**
 * Limits of expressions that dynalite does not know.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
 */
import { ServiceError } from '../service-error.ts';

const maxExpressionBytes = 4_096;
const maxOperators = 300;

const expressions = [
  'UpdateExpression',
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
] as const;

/** Comparisons, logic, arithmetic and functions; a number or name that is added or set by itself is none. */
const operator = /<>|<=|>=|[<>=+]|\s-\s|\b(?:AND|OR|NOT|BETWEEN|IN)\b|\b[a-z_]+\s*\(/g;

/** Checks every expression of a call. @throws ServiceError ValidationException */
export function checkExpressions(input: object): void {
  for (const name of expressions) {
    const expression = (input as Readonly<Record<string, unknown>>)[name];
    if (typeof expression !== 'string') continue;
    const bytes = Buffer.byteLength(expression);
    if (bytes > maxExpressionBytes)
      throw invalid(name, `Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    const operators = operatorsOf(name, expression);
    if (operators > maxOperators)
      throw invalid(
        name,
        `The expression contains too many operators or functions; number of operators or functions: ${operators}`,
      );
  }
}

function operatorsOf(name: string, expression: string): number {
  const count = expression.match(operator)?.length ?? 0;
  // In SET name = value the sign is part of the clause.
  return name === 'UpdateExpression' ? count - (expression.match(/=/g)?.length ?? 0) : count;
}

const invalid = (name: string, text: string) => new ServiceError('ValidationException', `Invalid ${name}: ${text}`);
